import { Menu } from '@mantine/core'
import button from './Button.module.css'

interface PickMenuProps {
  /** What is picked, for those who cannot see it. */
  label: string
  choices: readonly { id: string; word: string }[]
  chosen: string
  onChoose: (id: string) => void
}

/** One of many, where segments would not fit. */
export function PickMenu({ label, choices, chosen, onChoose }: PickMenuProps) {
  const word = choices.find((choice) => choice.id === chosen)?.word ?? chosen
  return (
    <Menu position="bottom-end" offset={4}>
      <Menu.Target>
        <button type="button" className={button['button']} aria-label={`${label}: ${word}`}>
          {word} <span aria-hidden="true">⌄</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
        <Menu.RadioGroup value={chosen} onChange={onChoose}>
          {choices.map((choice) => (
            <Menu.RadioItem key={choice.id} value={choice.id}>
              {choice.word}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  )
}
