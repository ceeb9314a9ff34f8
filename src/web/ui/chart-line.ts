import type { Slot } from '../lib/colour.ts'

export interface Line {
  name: string
  values: readonly (number | null)[]
  /** Bounds of its uncertainty, drawn at 12 %. */
  low?: readonly (number | null)[] | undefined
  high?: readonly (number | null)[] | undefined
  /** Left out: grey and dashed, for what is only compared with. */
  slot?: Slot | undefined
}
