/** A protobuf writer of just the ONNX fields that small test models need. Tests and benchmarks only. */
type Bytes = Buffer

const varint = (value: number | bigint): Bytes => {
  const out: number[] = []
  let rest = BigInt.asUintN(64, BigInt(value))
  do {
    out.push(Number(rest & 127n) | (rest > 127n ? 128 : 0))
    rest >>= 7n
  } while (rest > 0n)
  return Buffer.from(out)
}
const int = (field: number, value: number | bigint): Bytes => Buffer.concat([varint(field << 3), varint(value)])
const bytes = (field: number, value: Bytes | string): Bytes => {
  const body = Buffer.from(value as Bytes)
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body])
}
const message = (field: number, ...parts: Bytes[]): Bytes => bytes(field, Buffer.concat(parts))

const FLOAT = 1
const INT64 = 7
const BOOL = 9
const STRING = 8

/** A graph's input or output; a dimension that is a string stays open. */
const value = (field: 11 | 12, name: string, type: number, dims: (number | string)[]): Bytes => {
  const shape = dims.map((dim) => message(1, typeof dim === 'number' ? int(1, dim) : bytes(2, dim)))
  return message(field, bytes(1, name), message(2, message(1, int(1, type), message(2, ...shape))))
}

const floats = (name: string, dims: number[], data: number[]): Bytes =>
  message(
    5,
    ...dims.map((dim) => int(1, dim)),
    int(2, FLOAT),
    bytes(8, name),
    bytes(9, Buffer.from(new Float32Array(data).buffer)),
  )

const intAttribute = (name: string, number: number): Bytes => message(5, bytes(1, name), int(3, number), int(20, 2))
const listAttribute = (name: string, field: 8 | 9, type: 7 | 8, items: (number | string)[]): Bytes =>
  message(
    5,
    bytes(1, name),
    ...items.map((item) => (typeof item === 'number' ? int(field, item) : bytes(field, item))),
    int(20, type),
  )

const node = (op: string, inputs: string[], outputs: string[], attributes: Bytes[] = [], domain = ''): Bytes =>
  message(
    1,
    ...inputs.map((i) => bytes(1, i)),
    ...outputs.map((o) => bytes(2, o)),
    bytes(4, op),
    ...attributes,
    bytes(7, domain),
  )

const model = (...graph: Bytes[]): Bytes =>
  Buffer.concat([
    int(1, 8),
    message(7, bytes(2, 'test'), ...graph),
    message(8, bytes(1, ''), int(2, 13)),
    message(8, bytes(1, 'ai.onnx.ml'), int(2, 2)),
  ])

/** y = x · w + b, one output column. */
export function linearModel(weights: number[], bias: number, rows: number | string = 'n'): Bytes {
  return model(
    node('Gemm', ['X', 'w', 'b'], ['y']),
    floats('w', [weights.length, 1], weights),
    floats('b', [1], [bias]),
    value(11, 'X', FLOAT, [rows, weights.length]),
    value(12, 'y', FLOAT, [rows, 1]),
  )
}

/** Layers of fixed pseudo-random weights with ReLU between them. */
export function mlpModel(widths: number[], seed = 1): Bytes {
  let state = seed
  const random = (): number => ((state = (state * 48271) % 2147483647) / 2147483647 - 0.5) * 0.6
  const parts: Bytes[] = []
  let from = 'X'
  for (let i = 0; i + 1 < widths.length; i++) {
    const [input = 1, output = 1] = [widths[i], widths[i + 1]]
    const isLast = i + 2 === widths.length
    parts.push(node('Gemm', [from, `w${i}`, `b${i}`], [isLast ? 'y' : `g${i}`]))
    if (!isLast) parts.push(node('Relu', [`g${i}`], [(from = `r${i}`)]))
    parts.push(floats(`w${i}`, [input, output], Array.from({ length: input * output }, random)))
    parts.push(floats(`b${i}`, [output], Array.from({ length: output }, random)))
  }
  return model(...parts, value(11, 'X', FLOAT, ['n', widths[0] ?? 1]), value(12, 'y', FLOAT, ['n', widths.at(-1) ?? 1]))
}

/** Looks the first column up in a table of `size`; a number outside fails the whole batch, as an unknown category does. */
export function lookupModel(size: number): Bytes {
  return model(
    node('Cast', ['X'], ['i'], [intAttribute('to', INT64)]),
    node('Gather', ['table', 'i'], ['y'], [intAttribute('axis', 0)]),
    floats(
      'table',
      [size],
      Array.from({ length: size }, (_, i) => i * 10),
    ),
    value(11, 'X', FLOAT, ['n', 1]),
    value(12, 'y', FLOAT, ['n', 1]),
  )
}

/** ln(x): NaN below 0, -Infinity at 0. */
export function logModel(): Bytes {
  return model(node('Log', ['X'], ['y']), value(11, 'X', FLOAT, ['n', 1]), value(12, 'y', FLOAT, ['n', 1]))
}

/** One string column and one number, a tensor for each, as sklearn pipelines with mixed columns are exported. */
export function mixedModel(): Bytes {
  return model(
    node(
      'LabelEncoder',
      ['city'],
      ['code'],
      [listAttribute('keys_strings', 9, 8, ['bern', 'ulm']), listAttribute('values_int64s', 8, 7, [10, 20])],
      'ai.onnx.ml',
    ),
    node('Cast', ['code'], ['f'], [intAttribute('to', FLOAT)]),
    node('Add', ['f', 'size'], ['y']),
    node('Identity', ['city'], ['echo']),
    value(11, 'city', STRING, ['n', 1]),
    value(11, 'size', FLOAT, ['n', 1]),
    value(12, 'y', FLOAT, ['n', 1]),
    value(12, 'echo', STRING, ['n', 1]),
  )
}

/** y = x, after as many rounds as the largest x says: a row may take a microsecond or for ever. */
export function loopModel(): Bytes {
  const body = message(
    6,
    node('Identity', ['go'], ['go_on']),
    node('Identity', ['v'], ['v_next']),
    bytes(2, 'body'),
    value(11, 'round', INT64, []),
    value(11, 'go', BOOL, []),
    value(11, 'v', FLOAT, ['n', 1]),
    value(12, 'go_on', BOOL, []),
    value(12, 'v_next', FLOAT, ['n', 1]),
  )
  return model(
    node('ReduceMax', ['X'], ['most'], [intAttribute('keepdims', 0)]),
    node('Cast', ['most'], ['rounds'], [intAttribute('to', INT64)]),
    node('Loop', ['rounds', '', 'X'], ['y'], [message(5, bytes(1, 'body'), body, int(20, 5))]),
    value(11, 'X', FLOAT, ['n', 1]),
    value(12, 'y', FLOAT, ['n', 1]),
  )
}

/** Large square layers: slow enough that the model must stay in its worker. */
export const slowModel = (width: number, seed = 1): Bytes => mlpModel([2, width, width, width, 1], seed)
