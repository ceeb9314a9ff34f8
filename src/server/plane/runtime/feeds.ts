import { Tensor } from 'onnxruntime-node'
import type { OnnxTensor } from '../../../contract/signature.ts'
import type { RowBlock, SideLayout, TensorLayout } from '../../compat/oip/layout.ts'

type NumberArray = Float32Array | Float64Array | BigInt64Array | Int32Array | Uint8Array

const ARRAYS = {
  FP32: Float32Array,
  FP64: Float64Array,
  INT64: BigInt64Array,
  INT32: Int32Array,
  BOOL: Uint8Array,
} as const

export const GRAPH_TYPES = {
  FP32: 'float32',
  FP64: 'float64',
  INT64: 'int64',
  INT32: 'int32',
  BOOL: 'bool',
  BYTES: 'string',
} as const satisfies Record<OnnxTensor['dtype'], string>

/** Batches up to this size reuse their tensors; larger ones are made for the call. */
const REUSED_ROWS = 64

/** The memory of one input tensor: rows are copied in, and a tensor over the first n of them is handed to the graph. */
export class FeedBuffer {
  readonly #tensors: (Tensor | undefined)[] = []
  readonly #layout: TensorLayout
  readonly #rank: number
  #numbers: NumberArray
  #texts: string[] = []
  #capacity = REUSED_ROWS

  constructor(layout: TensorLayout, rank: number) {
    this.#layout = layout
    this.#rank = rank
    this.#numbers = this.#allocate(REUSED_ROWS)
  }

  #allocate(rows: number): NumberArray {
    const dtype = this.#layout.dtype
    return new ARRAYS[dtype === 'BYTES' ? 'BOOL' : dtype](dtype === 'BYTES' ? 0 : rows * this.#layout.columns.length)
  }

  reserve(rows: number): void {
    if (this.#layout.isText) this.#texts = new Array<string>(rows * this.#layout.columns.length)
    else if (rows > this.#capacity) {
      this.#numbers = this.#allocate(rows)
      this.#capacity = rows
      this.#tensors.length = 0
    }
  }

  /** Copies rows [from, to) of a block to row `at` of the batch. Missing strings are given as ''. */
  put(block: RowBlock, side: SideLayout, from: number, to: number, at: number): void {
    const { slots, isText } = this.#layout
    const width = slots.length
    if (isText) {
      for (let row = from; row < to; row++) {
        for (let i = 0; i < width; i++) {
          this.#texts[(at + row - from) * width + i] = block.str[row * side.strWidth + (slots[i] ?? 0)] ?? ''
        }
      }
      return
    }
    const target = this.#numbers
    if (target instanceof BigInt64Array) {
      for (let row = from; row < to; row++) {
        for (let i = 0; i < width; i++) {
          const value = block.num[row * side.numWidth + (slots[i] ?? 0)] ?? 0
          target[(at + row - from) * width + i] = BigInt(Number.isNaN(value) ? 0 : value)
        }
      }
    } else if (this.#layout.isWholeRow) {
      const start = from * width
      const offset = at * width - start
      for (let i = start; i < to * width; i++) target[offset + i] = block.num[i] as number
    } else {
      for (let row = from; row < to; row++) {
        for (let i = 0; i < width; i++)
          target[(at + row - from) * width + i] = block.num[row * side.numWidth + (slots[i] ?? 0)] ?? NaN
      }
    }
  }

  tensor(rows: number): Tensor {
    const width = this.#layout.columns.length
    const dims = this.#rank === 1 ? [rows] : [rows, width]
    if (this.#layout.isText) return new Tensor('string', this.#texts.slice(0, rows * width), dims)
    const known = rows <= REUSED_ROWS ? this.#tensors[rows] : undefined
    if (known) return known
    const type = GRAPH_TYPES[this.#layout.dtype]
    const made = new Tensor(type as 'float32', this.#numbers.subarray(0, rows * width) as Float32Array, dims)
    if (rows <= REUSED_ROWS) this.#tensors[rows] = made
    return made
  }
}
