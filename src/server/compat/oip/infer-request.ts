import { MainstayError } from '../../../contract/errors.ts'
import { LARGEST_FLOAT32, assertRows, describe, emptyBlock, readNumber, readText, refuse } from './cells.ts'
import { isObject, own, type JsonObject } from './json.ts'
import type { Layout, RowBlock, SideLayout, TensorLayout } from './layout.ts'

export interface InferRequest {
  id: string | null
  block: RowBlock
  /** Names of the outputs the caller wants; null for all. */
  outputs: string[] | null
}

const DTYPES = new Set([
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'BF16',
  'FP32',
  'FP64',
  'BYTES',
])
const MAX_ID = 200
const CONTROL = /[\p{Cc}\p{Cs}]/u

/** Triton's binary extension puts tensors after the JSON; a length that is the whole body's means there are none. */
export function assertNoBinary(jsonLength: string | undefined, bodyLength: number): void {
  if (jsonLength === undefined || Number(jsonLength) === bodyLength) return
  throw new MainstayError(
    'serving.binary_unsupported',
    'tensors in the binary form are not served; send them as JSON (set_data_from_numpy(…, binary_data=False))',
  )
}

/** Reads an Open Inference Protocol body into rows of the signature's columns; texts in the form Triton's users know. */
export function readInferRequest(body: unknown, layout: Layout, model: string, maxRows: number): InferRequest {
  if (!isObject(body)) refuse('the request body must be a JSON object')
  const id = body['id']
  if (id !== undefined && typeof id !== 'string') refuse(`'id' must be a string, got ${describe(id)}`)
  if (id !== undefined && (id.length > MAX_ID || CONTROL.test(id)))
    refuse(`'id' must have at most ${MAX_ID} characters, and no control characters`)
  readParameters(body['parameters'])
  const inputs = body['inputs']
  if (!Array.isArray(inputs)) refuse("Unable to find 'inputs' array in the request JSON")
  const outputs = readOutputs(body['outputs'], layout, model)
  return {
    id: id === undefined || id === '' ? null : id,
    block: readInputs(inputs, { layout, model, maxRows }),
    outputs,
  }
}

function readParameters(parameters: unknown): void {
  if (parameters === undefined) return
  if (!isObject(parameters)) refuse(`'parameters' must be an object, got ${describe(parameters)}`)
  for (const [name, value] of Object.entries(parameters)) {
    if (typeof value === 'object') refuse(`parameter '${name}' must be a string, number or boolean`)
    if (name.startsWith('triton_')) refuse(`parameter names with the prefix 'triton_' are reserved: '${name}'`)
  }
}

function readOutputs(outputs: unknown, layout: Layout, model: string): string[] | null {
  if (outputs === undefined) return null
  if (!Array.isArray(outputs)) refuse("'outputs' must be an array")
  if (outputs.length === 0) return null
  return outputs.map((output) => {
    const name = isObject(output) ? output['name'] : undefined
    if (typeof name !== 'string') refuse("every output must have a 'name'")
    if (!layout.outputs.tensors.some((tensor) => tensor.name === name)) {
      refuse(`unexpected inference output '${name}' for model '${model}'`)
    }
    assertPlain(name, isObject(output) ? output['parameters'] : undefined)
    return name
  })
}

/** An answer in another form than was asked for would be taken for that form. */
function assertPlain(name: string, parameters: unknown): void {
  if (!isObject(parameters)) return
  for (const form of ['classification', 'shared_memory_region'])
    if (Object.hasOwn(parameters, form))
      refuse(`output '${name}' cannot be answered with '${form}'; ask for the tensor`)
}

/** What the tensors of a request must fit. */
interface Wanted {
  layout: Layout
  model: string
  maxRows: number
}

function readInputs(inputs: unknown[], wanted: Wanted): RowBlock {
  if (inputs.length === 1) {
    const block = readSingle(inputs[0], wanted)
    if (block) return block
  }
  return readSeveral(inputs, wanted)
}

/** One tensor with all columns: by the graph's own name, or by any name when all columns are numeric. */
function readSingle(input: unknown, wanted: Wanted): RowBlock | undefined {
  const { layout } = wanted
  const side = layout.inputs
  const name = isObject(input) ? input['name'] : undefined
  if (!isObject(input) || typeof name !== 'string') return undefined
  const target = layout.inputByName.get(name)
  if (target && target.columns.length === side.columns.length) {
    const shape = readShape(input, target, wanted, true)
    const block: RowBlock = { n: shape[0] ?? 0, num: [], str: [] }
    readTensor(input, target, side, block, shape, true)
    return block
  }
  if (target || !layout.wholeInput || isColumn(input['shape']) || input['datatype'] === 'BYTES') return undefined
  const checked = readShape(input, layout.wholeInput, wanted, false)
  const block: RowBlock = { n: checked[0] ?? 0, num: [], str: [] }
  readTensor(input, layout.wholeInput, side, block, checked, true)
  return block
}

const isColumn = (shape: unknown): boolean =>
  Array.isArray(shape) && (shape.length === 1 || (shape.length === 2 && shape[1] === 1))

function readSeveral(inputs: unknown[], wanted: Wanted): RowBlock {
  const { layout, model } = wanted
  const side = layout.inputs
  const seen = new Set<string>()
  const filled = new Set<number>()
  let block: RowBlock | undefined
  for (const input of inputs) {
    const name = isObject(input) ? input['name'] : undefined
    if (!isObject(input) || typeof name !== 'string') refuse("every input must be an object with a 'name'")
    if (seen.has(name)) refuse(`input '${name}' already exists in request`)
    seen.add(name)
    const target = layout.inputByName.get(name)
    if (!target) refuse(`unexpected inference input '${name}' for model '${model}'`)
    const isGraphs = side.tensors.includes(target)
    const shape = readShape(input, target, wanted, isGraphs)
    block ??= emptyBlock(side, shape[0] ?? 0)
    if (block.n !== shape[0]) refuse(`input '${name}' has ${shape[0]} rows, the inputs before it ${block.n}`)
    for (const index of target.columns) {
      if (filled.has(index)) refuse(`input '${name}' repeats column '${side.columns[index]?.name}'`)
      filled.add(index)
    }
    readTensor(input, target, side, block, shape, false)
  }
  if (filled.size < side.columns.length) refuseIncomplete([...seen], filled, layout, model)
  return block ?? emptyBlock(side, 0)
}

function refuseIncomplete(got: string[], filled: Set<number>, layout: Layout, model: string): never {
  const missing = layout.inputs.tensors.filter((tensor) => tensor.columns.some((index) => !filled.has(index)))
  const names = (list: string[]) => `[${list.map((name) => `'${name}'`).join(',')}]`
  return refuse(
    `expected ${layout.inputs.tensors.length} inputs but got ${got.length} inputs for model '${model}'. ` +
      `Got input(s) ${names(got)}, but missing required input(s) ${names(missing.map((tensor) => tensor.name))}. ` +
      `Please provide all required input(s).`,
  )
}

/** Checks datatype and shape; answers the shape as numbers. */
function readShape(input: JsonObject, target: TensorLayout, wanted: Wanted, isStrict: boolean): number[] {
  const { model, maxRows } = wanted
  const name = String(input['name'])
  const dtype = input['datatype']
  if (typeof dtype !== 'string' || !DTYPES.has(dtype))
    refuse(`input '${name}' has an invalid 'datatype': ${describe(dtype)}`)
  if (dtype === 'FP16' || dtype === 'BF16') {
    refuse(`receiving ${dtype} data via JSON is not supported. Please use the binary data format for input ${name}`)
  }
  const fits = isStrict ? dtype === target.dtype : (dtype === 'BYTES') === target.isText
  if (!fits) refuse(`inference input '${name}' data-type is '${dtype}', but model '${model}' expects '${target.dtype}'`)
  const shape = input['shape']
  if (
    !Array.isArray(shape) ||
    !shape.every((dim): dim is number => Number.isSafeInteger(dim) && (dim as number) >= 0)
  ) {
    refuse(`Unable to parse 'shape' of input '${name}': it must be an array of whole numbers`)
  }
  const width = target.columns.length
  const isRight = (shape.length === 2 && shape[1] === width) || (shape.length === 1 && width === 1)
  if (!isRight) {
    refuse(
      `unexpected shape for input '${name}' for model '${model}'. Expected [-1,${width}], got [${shape.join(',')}]`,
    )
  }
  assertRows(shape[0] ?? 0, maxRows)
  return shape
}

function readTensor(
  input: JsonObject,
  target: TensorLayout,
  side: SideLayout,
  block: RowBlock,
  shape: number[],
  isFresh: boolean,
): void {
  const name = String(input['name'])
  const flat = flatten(own(input, 'data'), shape, name)
  const width = target.columns.length
  if (flat.length !== (shape[0] ?? 0) * width) {
    refuse(
      `unexpected number of elements ${flat.length} for input '${name}', its shape [${shape.join(',')}] needs ${(shape[0] ?? 0) * width}`,
    )
  }
  if (isFresh && target.isWholeRow && isPlainFloats(flat, target, side)) {
    block.num = flat as number[]
    return
  }
  if (isFresh) Object.assign(block, emptyBlock(side, block.n))
  for (let i = 0; i < flat.length; i++) {
    const column = side.columns[target.columns[i % width] ?? 0]
    if (!column) continue
    const row = (i / width) | 0
    const slot = target.slots[i % width] ?? 0
    if (target.isText) block.str[row * side.strWidth + slot] = readText(flat[i], column.missing, column.name)
    else
      block.num[row * side.numWidth + slot] = readNumber(
        flat[i],
        column.kind,
        column.missing,
        column.name,
        side.single[target.columns[i % width] ?? 0] ?? false,
      )
  }
}

/** The common case: only floats, none missing; then the parsed array is the block's and nothing is copied. */
function isPlainFloats(flat: unknown[], target: TensorLayout, side: SideLayout): boolean {
  if (target.dtype !== 'FP32' && target.dtype !== 'FP64') return false
  const limit = target.dtype === 'FP32' ? LARGEST_FLOAT32 : Number.MAX_VALUE
  for (const column of side.columns) if (column.kind !== 'float') return false
  for (let i = 0; i < flat.length; i++) {
    const value = flat[i]
    if (typeof value !== 'number' || value > limit || value < -limit) return false
  }
  return true
}

/** Row-major values of flat or nested data; nested data must follow the shape exactly. */
function flatten(data: unknown, shape: number[], name: string): unknown[] {
  if (!Array.isArray(data)) refuse(`Unable to find 'data' array of input '${name}'`)
  if (!Array.isArray(data[0]) || shape.length === 1) {
    if (shape.length === 1 && Array.isArray(data[0]))
      refuse(`'data' of input '${name}' is nested deeper than its shape`)
    for (const value of data)
      if (typeof value === 'object' && value !== null) refuse(`'data' of input '${name}' is ragged`)
    return data
  }
  const flat: unknown[] = []
  if (data.length !== shape[0]) refuse(`'data' of input '${name}' has ${data.length} rows, its shape says ${shape[0]}`)
  for (const row of data) {
    if (!Array.isArray(row) || row.length !== shape[1]) refuse(`'data' of input '${name}' is ragged`)
    for (const value of row) flat.push(value)
  }
  return flat
}
