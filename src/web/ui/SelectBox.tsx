import { slotColour, type Slot } from '../lib/colour.ts'
import css from './SelectBox.module.css'

interface SelectBoxProps {
  /** What is chosen: `run gbm-depth6-lr05`. */
  label: string
  chosen: boolean
  /** The colour that the chosen thing has in the charts. */
  slot: Slot
  onChange: (chosen: boolean) => void
}

/** Chooses a row; once chosen it shows the row's colour. */
export function SelectBox({ label, chosen, slot, onChange }: SelectBoxProps) {
  return (
    <input
      type="checkbox"
      className={css['box']}
      aria-label={`Choose ${label}`}
      checked={chosen}
      style={chosen ? { background: slotColour(slot), borderColor: slotColour(slot) } : undefined}
      onChange={(event) => onChange(event.target.checked)}
    />
  )
}
