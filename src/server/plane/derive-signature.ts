import { Tensor } from 'onnxruntime-node'
import type { Column, OnnxTensor, Signature } from '../../contract/signature.ts'
import { Session, type GraphTensor, type GraphType } from './runtime/session.ts'

const DTYPES: Partial<Record<GraphType, OnnxTensor['dtype']>> = {
  float32: 'FP32',
  float64: 'FP64',
  int64: 'INT64',
  int32: 'INT32',
  bool: 'BOOL',
  string: 'BYTES',
}

const KINDS: Record<OnnxTensor['dtype'], Column['kind']> = {
  FP32: 'float',
  FP64: 'float',
  INT64: 'int',
  INT32: 'int',
  BOOL: 'bool',
  BYTES: 'string',
}

/**
 * The signature of a graph that came without one: a column per element of each row, called by `names` where they fit
 * its only input, else by its tensor. Whether the model understands missing values cannot be read off a graph, so none
 * are allowed.
 */
export function deriveSignature(bytes: Uint8Array, names: readonly string[] = []): Signature {
  const session = new Session(bytes)
  try {
    const given = session.info.inputs.length === 1 ? names : []
    const inputs = session.info.inputs.map((tensor) => toTensor(tensor, tensor.shape, 'input', given))
    const shapes = session.info.outputs.some(isOpen) ? probe(session, inputs) : new Map<string, readonly number[]>()
    const outputs = session.info.outputs.map((tensor) =>
      toTensor(tensor, shapes.get(tensor.name) ?? tensor.shape, 'output'),
    )
    return { inputs: columnsOf(inputs), outputs: columnsOf(outputs), onnx: { inputs, outputs } }
  } finally {
    session.dispose()
  }
}

const isOpen = ({ shape }: GraphTensor): boolean => shape.length === 0 || (shape.length > 1 && shape[1] === null)

function toTensor(
  tensor: GraphTensor,
  shape: readonly (number | null)[],
  side: 'input' | 'output',
  names: readonly string[] = [],
): OnnxTensor {
  const dtype = DTYPES[tensor.type]
  if (!dtype) {
    const served = Object.keys(DTYPES).join(', ')
    throw new Error(
      `${side} '${tensor.name}' has an element type that is not served (${served} are); cast it inside the graph`,
    )
  }
  if (shape.length > 2 || (side === 'input' && shape.length === 0)) {
    throw new Error(`${side} '${tensor.name}' has ${shape.length} dimensions; only rows of columns are served`)
  }
  const width = shape.length < 2 ? 1 : (shape[1] ?? names.length)
  if (width === 0) {
    throw new Error(
      `${side} '${tensor.name}' does not say how many columns it has; fix its second dimension when you export it`,
    )
  }
  if (names.length === width) return { name: tensor.name, dtype, columns: [...names] }
  const columns = width === 1 ? [tensor.name] : Array.from({ length: width }, (_, i) => `${tensor.name}_${i}`)
  return { name: tensor.name, dtype, columns }
}

const columnsOf = (tensors: OnnxTensor[]): Column[] =>
  tensors.flatMap((tensor) => tensor.columns.map((name) => ({ name, kind: KINDS[tensor.dtype], missing: false })))

/** Many exports leave the width of an output open; one made-up row tells it. */
function probe(session: Session, inputs: readonly OnnxTensor[]): Map<string, readonly number[]> {
  session.fetch(session.info.outputs.map((output) => output.name))
  const feeds = Object.fromEntries(
    session.info.inputs.map((input, i) => [input.name, plainTensor(input, inputs[i]?.columns.length ?? 1)]),
  )
  const results = session.run(feeds)
  return new Map(Object.entries(results).map(([name, tensor]) => [name, tensor.dims]))
}

function plainTensor(input: GraphTensor, width: number): Tensor {
  const dims = input.shape.map((_, i) => (i === 0 ? 1 : width))
  const size = dims.reduce((a, b) => a * b, 1)
  switch (input.type) {
    case 'string':
      return new Tensor('string', new Array<string>(size).fill(''), dims)
    case 'float64':
      return new Tensor('float64', new Float64Array(size), dims)
    case 'int64':
      return new Tensor('int64', new BigInt64Array(size), dims)
    case 'int32':
      return new Tensor('int32', new Int32Array(size), dims)
    case 'bool':
      return new Tensor('bool', new Uint8Array(size), dims)
    default:
      return new Tensor('float32', new Float32Array(size), dims)
  }
}
