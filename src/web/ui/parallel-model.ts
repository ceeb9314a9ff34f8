import type { Slot } from '../lib/colour.ts'

export interface ParallelAxis {
  id: string
  word: string
  /** Named values in place of numbers. */
  choices?: readonly string[]
}

export interface ParallelLine {
  name: string
  /** By axis id; null where the run has no value. */
  values: Readonly<Record<string, number | string | null>>
  /** Left out: grey, for the many behind the chosen few. */
  slot?: Slot
}

export interface ParallelProps {
  label: string
  axes: readonly ParallelAxis[]
  lines: readonly ParallelLine[]
  height: number
}
