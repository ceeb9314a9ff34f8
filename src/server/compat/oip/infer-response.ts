import type { OnnxTensor } from '../../../contract/signature.ts'
import type { Layout, RowBlock, SideLayout, TensorLayout } from './layout.ts'

const POWERS = Array.from({ length: 40 }, (_, i) => 10 ** i)

/**
 * Shortest decimal that reads back as the same float32: a double would print 0.1 as 0.10000000149011612.
 * A whole number over a power of ten up to 1e22 is the correctly rounded decimal, so trying 6 to 9 digits suffices.
 */
export function printFloat32(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  if (Number.isInteger(value) && value < 16777217 && value > -16777217)
    return Object.is(value, -0) ? '0' : String(value)
  const size = Math.abs(value)
  if (size >= 1e-9 && size < 1e9) {
    const whole = size < 1 ? 0 : size < 10 ? 1 : Math.floor(Math.log10(size)) + 1
    for (let digits = 6; digits <= 9; digits++) {
      const scale = POWERS[digits - whole + (size < 1 ? leadingZeros(size) : 0)] ?? 1
      const rounded = Math.round(value * scale) / scale
      if (Math.fround(rounded) === value) return String(rounded)
    }
  }
  for (let digits = 6; digits <= 9; digits++) {
    const rounded = Number(value.toPrecision(digits))
    if (Math.fround(rounded) === value) return String(rounded)
  }
  return String(value)
}

function leadingZeros(size: number): number {
  let zeros = 0
  for (let edge = 0.1; size < edge && zeros < 10; edge /= 10) zeros++
  return zeros
}

function printNumber(value: number | undefined, dtype: OnnxTensor['dtype']): string {
  if (value === undefined || !Number.isFinite(value)) return 'null'
  if (dtype === 'FP32') return printFloat32(value)
  if (dtype === 'BOOL') return value === 0 ? 'false' : 'true'
  return String(value)
}

/** Pieces of an answer that do not change between requests of one variant. */
export interface ResponseHead {
  start: string
  parameters: string
  /** Per output tensor, up to and including `"shape":[`; then rows, then `tail`. */
  tensors: { layout: TensorLayout; start: string; tail: string }[]
}

/** `ranks`: how many dimensions the graph's own outputs have, so that shapes say what the model says. */
export function makeResponseHead(
  model: string,
  version: number,
  variant: string,
  layout: Layout,
  ranks: number[],
): ResponseHead {
  return {
    start: `{"model_name":${JSON.stringify(model)},"model_version":"${version}","id":`,
    parameters: `,"parameters":{"variant":${JSON.stringify(variant)}`,
    tensors: layout.outputs.tensors.map((tensor, i) => ({
      layout: tensor,
      start: `{"name":${JSON.stringify(tensor.name)},"datatype":"${tensor.dtype}","shape":[`,
      tail: ranks[i] === 1 ? '],"data":[' : `,${tensor.columns.length}],"data":[`,
    })),
  }
}

/** Writes the answer by hand: its shape is fixed, and a generic serialiser would cost more than the model. */
export function writeInferResponse(
  head: ResponseHead,
  side: SideLayout,
  id: string,
  out: RowBlock,
  wanted: string[] | null,
  failedRows: string,
): string {
  let text = `${head.start}${JSON.stringify(id)}${head.parameters}`
  text += failedRows === '' ? '},"outputs":[' : `,"failed_rows":"${failedRows}"},"outputs":[`
  let isFirst = true
  for (const tensor of head.tensors) {
    if (wanted && !wanted.includes(tensor.layout.name)) continue
    if (!isFirst) text += ','
    isFirst = false
    text += tensor.start + String(out.n) + tensor.tail + writeData(tensor.layout, side, out) + ']}'
  }
  return `${text}]}`
}

function writeData(tensor: TensorLayout, side: SideLayout, out: RowBlock): string {
  let text = ''
  const { slots, dtype } = tensor
  for (let row = 0; row < out.n; row++) {
    for (let i = 0; i < slots.length; i++) {
      if (text !== '') text += ','
      const slot = slots[i] ?? 0
      text += tensor.isText
        ? JSON.stringify(out.str[row * side.strWidth + slot] ?? null)
        : printNumber(out.num[row * side.numWidth + slot], dtype)
    }
  }
  return text
}
