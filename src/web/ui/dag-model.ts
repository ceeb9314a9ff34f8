import type { State } from './state.ts'

export interface DagNode {
  id: string
  name: string
  /** One line: `MAE 29.8 · 21 s`. */
  note: string
  /** Left out where the graph shows a definition and nothing has happened. */
  state?: State
  /** The state as a word. */
  word: string
}

export interface DagProps {
  label: string
  nodes: readonly DagNode[]
  /** From, to. */
  edges: readonly (readonly [string, string])[]
  chosen: string | undefined
  onChoose: (id: string) => void
}
