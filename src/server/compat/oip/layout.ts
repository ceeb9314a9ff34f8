import type { Cell, Column, OnnxTensor, Signature } from '../../../contract/signature.ts'

/**
 * Rows of one request, row by row. Numbers (float, int, bool as 0 and 1) and strings lie apart, in the order of the
 * signature's columns; a missing number is NaN, a missing string null.
 */
export interface RowBlock {
  n: number
  num: number[]
  str: (string | null)[]
}

export interface TensorLayout {
  name: string
  dtype: OnnxTensor['dtype']
  /** Indices into `SideLayout.columns`, and the slot of each in a row's numbers or strings. */
  columns: number[]
  slots: number[]
  isText: boolean
  /** The tensor is exactly a row's numbers in order, so data can be handed through without a copy per cell. */
  isWholeRow: boolean
}

export interface SideLayout {
  columns: Column[]
  slots: number[]
  /** Which columns the graph takes as float32, so that larger numbers are refused and not turned to Infinity. */
  single: boolean[]
  numWidth: number
  strWidth: number
  tensors: TensorLayout[]
}

export interface Layout {
  inputs: SideLayout
  outputs: SideLayout
  /** Input tensors and single columns by the name a caller may use. */
  inputByName: Map<string, TensorLayout>
  /** A tensor that carries all columns at once, when all are numeric. */
  wholeInput: TensorLayout | null
}

/** Compiles a signature once, so that the hot path indexes arrays instead of looking names up. */
export function compileLayout(signature: Signature): Layout {
  const inputs = compileSide(signature.inputs, signature.onnx.inputs)
  const outputs = compileSide(signature.outputs, signature.onnx.outputs)
  const inputByName = new Map<string, TensorLayout>()
  for (const [index, column] of inputs.columns.entries()) {
    inputByName.set(column.name, columnTensor(inputs, index))
  }
  for (const tensor of inputs.tensors) inputByName.set(tensor.name, tensor)
  return { inputs, outputs, inputByName, wholeInput: wholeTensor(inputs) }
}

function compileSide(columns: Column[], tensors: OnnxTensor[]): SideLayout {
  const slots: number[] = []
  let numWidth = 0
  let strWidth = 0
  for (const column of columns) slots.push(column.kind === 'string' ? strWidth++ : numWidth++)
  const single = columns.map((column) => tensors.some((t) => t.dtype === 'FP32' && t.columns.includes(column.name)))
  const side: SideLayout = { columns, slots, single, numWidth, strWidth, tensors: [] }
  for (const tensor of tensors) side.tensors.push(compileTensor(side, tensor))
  return side
}

function compileTensor(side: SideLayout, tensor: OnnxTensor): TensorLayout {
  const columns = tensor.columns.map((name) => {
    const index = side.columns.findIndex((column) => column.name === name)
    if (index < 0) throw new Error(`tensor '${tensor.name}' names column '${name}', which the signature does not have`)
    return index
  })
  const isText = tensor.dtype === 'BYTES'
  for (const index of columns) {
    if ((side.columns[index]?.kind === 'string') !== isText) {
      throw new Error(`tensor '${tensor.name}' is ${tensor.dtype}, its column '${side.columns[index]?.name}' is not`)
    }
  }
  return makeTensor(side, tensor.name, tensor.dtype, columns)
}

function makeTensor(side: SideLayout, name: string, dtype: OnnxTensor['dtype'], columns: number[]): TensorLayout {
  const slots = columns.map((index) => side.slots[index] ?? 0)
  const isText = dtype === 'BYTES'
  const isWholeRow = !isText && slots.length === side.numWidth && slots.every((slot, i) => slot === i)
  return { name, dtype, columns, slots, isText, isWholeRow }
}

function columnTensor(side: SideLayout, index: number): TensorLayout {
  const column = side.columns[index]
  const owner = side.tensors.find((tensor) => tensor.columns.includes(index))
  return makeTensor(side, column?.name ?? '', owner?.dtype ?? 'FP32', [index])
}

function wholeTensor(side: SideLayout): TensorLayout | null {
  if (side.columns.length < 2 || side.strWidth > 0) return null
  const columns = side.columns.map((_, index) => index)
  return makeTensor(side, '', side.single.includes(true) ? 'FP32' : 'FP64', columns)
}

/** One cell as the prediction log and users see it. */
export function readCell(side: SideLayout, block: RowBlock, row: number, column: number): Cell {
  const slot = side.slots[column] ?? 0
  const kind = side.columns[column]?.kind
  if (kind === 'string') return block.str[row * side.strWidth + slot] ?? null
  const value = block.num[row * side.numWidth + slot] ?? NaN
  if (!Number.isFinite(value)) return null
  return kind === 'bool' ? value !== 0 : value
}

/** Whether two sides hold the same columns in the same places, so that a block serves both. */
function sameColumns(a: SideLayout, b: SideLayout): boolean {
  return (
    a.columns.length === b.columns.length &&
    a.columns.every((column, i) => column.name === b.columns[i]?.name && column.kind === b.columns[i]?.kind)
  )
}

/** The same rows for another version's columns. Undefined when that version needs a column the request lacks. */
export function remapBlock(block: RowBlock, from: SideLayout, to: SideLayout): RowBlock | undefined {
  if (sameColumns(from, to)) return block
  const out: RowBlock = { n: block.n, num: [], str: [] }
  const source = to.columns.map((column) => from.columns.findIndex((other) => other.name === column.name))
  for (let row = 0; row < block.n; row++) {
    for (const [index, column] of to.columns.entries()) {
      const at = source[index] ?? -1
      const isText = column.kind === 'string'
      if (at >= 0 && (from.columns[at]?.kind === 'string') !== isText) return undefined
      if (at < 0 && !column.missing) return undefined
      const slot = from.slots[at] ?? 0
      if (isText) out.str.push(at < 0 ? null : (block.str[row * from.strWidth + slot] ?? null))
      else out.num.push(at < 0 ? NaN : (block.num[row * from.numWidth + slot] ?? NaN))
    }
  }
  return out
}
