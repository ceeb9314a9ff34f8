import type { Tensor } from 'onnxruntime-node'
import type { Layout, RowBlock, TensorLayout } from '../../compat/oip/layout.ts'
import { FeedBuffer, GRAPH_TYPES } from './feeds.ts'
import { Session, type GraphInfo, type GraphTensor } from './session.ts'

/** A stretch of rows of one request: where its inputs are, and where outputs and errors go. */
export interface Stretch {
  block: RowBlock
  from: number
  to: number
  out: RowBlock
  /** By row; a row that failed has a text. Made when the first row fails. */
  errors: (string | null)[] | null
  /** Rows for which the graph gave no answer at all. Non-finite outputs are errors too, but have an answer. */
  failed: number
}

/** A graph with the signature that says which column goes where. Checked against each other when it is made. */
export class Graph {
  readonly info: GraphInfo
  readonly layout: Layout
  /** Dimensions of each output, 1 or 2. */
  readonly outputRanks: number[]
  /** False if the graph takes exactly one row at a time. */
  isBatched: boolean
  readonly #session: Session
  readonly #feeds: FeedBuffer[]

  constructor(bytes: Uint8Array, layout: Layout) {
    this.#session = new Session(bytes)
    this.info = this.#session.info
    this.layout = layout
    const inputs = layout.inputs.tensors.map((tensor) => matchTensor(tensor, this.info.inputs, 'input'))
    const outputs = layout.outputs.tensors.map((tensor) => matchTensor(tensor, this.info.outputs, 'output'))
    const unfed = this.info.inputs.find((input) => !layout.inputs.tensors.some((tensor) => tensor.name === input.name))
    if (unfed) throw new Error(`the model needs input '${unfed.name}', which its signature does not name`)
    this.isBatched = inputs.every((input) => (input.shape[0] ?? null) === null)
    this.outputRanks = outputs.map((output) => (output.shape.length === 1 ? 1 : 2))
    this.#feeds = layout.inputs.tensors.map((tensor, i) => new FeedBuffer(tensor, inputs[i]?.shape.length ?? 2))
    this.#session.fetch(layout.outputs.tensors.map((tensor) => tensor.name))
  }

  /**
   * Scores all stretches as one batch; if the batch fails, each row alone, so that one bad row cannot fail its
   * neighbours. Never throws: what went wrong is in the stretches.
   */
  score(stretches: readonly Stretch[]): void {
    let rows = 0
    for (const stretch of stretches) rows += stretch.to - stretch.from
    if (rows === 0) return
    if (rows > 1 && !this.isBatched) return this.#scoreSingly(stretches)
    try {
      this.#scoreBatch(stretches, rows)
    } catch (error) {
      const [only] = stretches
      if (rows === 1 && only) failRow(only, only.from, (error as Error).message, this.layout)
      else this.#scoreSingly(stretches)
    }
  }

  #scoreSingly(stretches: readonly Stretch[]): void {
    for (const stretch of stretches) {
      for (let row = stretch.from; row < stretch.to; row++) {
        try {
          this.#scoreBatch([oneRow(stretch, row)], 1, stretch)
        } catch (error) {
          failRow(stretch, row, (error as Error).message, this.layout)
        }
      }
    }
  }

  #scoreBatch(stretches: readonly Stretch[], rows: number, owner?: Stretch): void {
    const { inputs, outputs } = this.layout
    const feeds: Record<string, Tensor> = {}
    for (let i = 0; i < this.#feeds.length; i++) {
      const feed = this.#feeds[i] as FeedBuffer
      feed.reserve(rows)
      let at = 0
      for (const stretch of stretches) {
        feed.put(stretch.block, inputs, stretch.from, stretch.to, at)
        at += stretch.to - stretch.from
      }
      feeds[(inputs.tensors[i] as TensorLayout).name] = feed.tensor(rows)
    }
    const results = this.#session.run(feeds)
    for (const tensor of outputs.tensors) checkSize(tensor, results[tensor.name], rows)
    for (const tensor of outputs.tensors) {
      let at = 0
      const result = results[tensor.name] as Tensor
      for (const stretch of stretches) {
        this.#take(tensor, result, stretch, at, owner ?? stretch)
        at += stretch.to - stretch.from
      }
    }
  }

  #take(tensor: TensorLayout, result: Tensor, stretch: Stretch, at: number, owner: Stretch): void {
    const { numWidth, strWidth } = this.layout.outputs
    const { slots } = tensor
    const data = result.data as ArrayLike<number | bigint | string>
    const { out } = stretch
    let from = at * slots.length
    for (let row = stretch.from; row < stretch.to; row++) {
      for (let i = 0; i < slots.length; i++) {
        const value = data[from++]
        if (tensor.isText) out.str[row * strWidth + (slots[i] as number)] = String(value)
        else {
          const number = typeof value === 'number' ? value : Number(value)
          out.num[row * numWidth + (slots[i] as number)] = number
          if (number - number !== 0) noteNonFinite(owner, row, tensor.name, number)
        }
      }
    }
  }

  dispose(): void {
    this.#session.dispose()
  }
}

function oneRow(stretch: Stretch, row: number): Stretch {
  return { block: stretch.block, from: row, to: row + 1, out: stretch.out, errors: null, failed: 0 }
}

function matchTensor(tensor: TensorLayout, graph: GraphTensor[], side: 'input' | 'output'): GraphTensor {
  const found = graph.find((candidate) => candidate.name === tensor.name)
  if (!found) throw new Error(`the signature names ${side} '${tensor.name}', which the model does not have`)
  if (found.type !== GRAPH_TYPES[tensor.dtype]) {
    throw new Error(`${side} '${tensor.name}' is ${found.type} in the model, ${tensor.dtype} in its signature`)
  }
  const width = found.shape.length === 1 ? 1 : found.shape[1]
  if (side === 'input' && (found.shape.length === 0 || found.shape.length > 2)) {
    throw new Error(`input '${tensor.name}' has ${found.shape.length} dimensions; only rows of columns are served`)
  }
  const [rows = null] = found.shape
  if (side === 'input' && rows !== null && rows !== 1) {
    throw new Error(
      `input '${tensor.name}' takes exactly ${rows} rows at once; export it with an open first dimension (dynamic axes)`,
    )
  }
  if (typeof width === 'number' && found.shape.length <= 2 && width !== tensor.columns.length) {
    throw new Error(
      `${side} '${tensor.name}' has ${width} columns in the model, ${tensor.columns.length} in its signature`,
    )
  }
  return found
}

function checkSize(tensor: TensorLayout, result: Tensor | undefined, rows: number): void {
  const expected = rows * tensor.columns.length
  if (result && result.data.length === expected) return
  throw new Error(
    `output '${tensor.name}' has ${result?.data.length ?? 0} values for ${rows} rows, expected ${expected}`,
  )
}

export function noteError(stretch: Stretch, row: number, text: string): void {
  stretch.errors ??= new Array<string | null>(stretch.block.n).fill(null)
  stretch.errors[row] = text
}

function noteNonFinite(stretch: Stretch, row: number, tensor: string, value: number): void {
  noteError(stretch, row, `non-finite output: ${tensor} is ${value}`)
}

/** A row without an answer: every output missing. */
export function failRow(stretch: Stretch, row: number, text: string, layout: Layout): void {
  const { numWidth, strWidth } = layout.outputs
  for (let i = 0; i < numWidth; i++) stretch.out.num[row * numWidth + i] = NaN
  for (let i = 0; i < strWidth; i++) stretch.out.str[row * strWidth + i] = null
  noteError(stretch, row, text)
  stretch.failed++
}
