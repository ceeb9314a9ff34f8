import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MainstayError } from '../../../contract/errors.ts'
import type { Signature } from '../../../contract/signature.ts'
import { readInferRequest } from './infer-request.ts'
import { printFloat32 } from './infer-response.ts'
import { assertShallow, parseJsonBody } from './json.ts'
import { compileLayout } from './layout.ts'
import { readScoringRequest } from './scoring.ts'

const names = ['a', 'b', 'c']
const numeric: Signature = {
  inputs: names.map((name) => ({ name, kind: 'float', missing: name === 'c' })),
  outputs: [{ name: 'y', kind: 'float', missing: false }],
  onnx: {
    inputs: [{ name: 'X', dtype: 'FP32', columns: names }],
    outputs: [{ name: 'y', dtype: 'FP32', columns: ['y'] }],
  },
}
const mixed: Signature = {
  inputs: [
    { name: 'n', kind: 'int', missing: false },
    { name: 's', kind: 'string', missing: true },
    { name: 'f', kind: 'bool', missing: false },
  ],
  outputs: numeric.outputs,
  onnx: {
    inputs: [
      { name: 'n', dtype: 'INT64', columns: ['n'] },
      { name: 's', dtype: 'BYTES', columns: ['s'] },
      { name: 'f', dtype: 'BOOL', columns: ['f'] },
    ],
    outputs: numeric.onnx.outputs,
  },
}
const layout = compileLayout(numeric)
const mixedLayout = compileLayout(mixed)
const tensor = (extra: object = {}) => ({
  name: 'X',
  datatype: 'FP32',
  shape: [2, 3],
  data: [1, 2, 3, 4, 5, 6],
  ...extra,
})
const read = (...inputs: unknown[]) => readInferRequest({ inputs }, layout, 'm', 1000)
const refusal = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof MainstayError) return `${error.status} ${error.message}`
    throw error
  }
  return 'accepted'
}

test('flat, nested, by column and whole under another name are the same rows', () => {
  const expected = { n: 2, num: [1, 2, 3, 4, 5, 6], str: [] }
  const column = (name: string, data: number[]) => ({ name, datatype: 'FP64', shape: [2], data })
  expect(read(tensor()).block).toEqual(expected)
  expect(
    read(
      tensor({
        data: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      }),
    ).block,
  ).toEqual(expected)
  expect(read(tensor({ name: 'anything', datatype: 'FP64' })).block).toEqual(expected)
  expect(read(column('c', [3, 6]), column('a', [1, 4]), column('b', [2, 5])).block).toEqual(expected)
  const records = readScoringRequest(
    {
      dataframe_records: [
        { a: 1, b: 2, c: 3 },
        { c: 6, b: 5, a: 4 },
      ],
    },
    layout,
    1000,
  )
  expect(records).toEqual(expected)
})

test('null is a missing value where the signature allows it', () => {
  expect(read(tensor({ data: [1, 2, null, 4, 5, 6] })).block.num[2]).toBeNaN()
  expect(refusal(() => read(tensor({ data: [null, 2, 3, 4, 5, 6] })))).toBe("400 column 'a' may not be missing")
  const ints = (data: unknown[]) =>
    readInferRequest(
      {
        inputs: [
          { name: 'n', datatype: 'INT64', shape: [1], data },
          { name: 's', datatype: 'BYTES', shape: [1], data: [null] },
          { name: 'f', datatype: 'BOOL', shape: [1], data: [true] },
        ],
      },
      mixedLayout,
      'm',
      1000,
    )
  expect(ints([4]).block).toEqual({ n: 1, num: [4, 1], str: [null] })
  expect(refusal(() => ints([null]))).toMatch(/^400/)
  expect(refusal(() => ints([1.5]))).toMatch(/^400/)
  expect(refusal(() => ints([2 ** 60]))).toMatch(/^400/)
})

test('refusals speak in the form that Triton’s users know', () => {
  expect(refusal(() => read(tensor({ datatype: 'FP64' })))).toBe(
    "400 inference input 'X' data-type is 'FP64', but model 'm' expects 'FP32'",
  )
  expect(refusal(() => read(tensor({ shape: [1, 11] })))).toBe(
    "400 unexpected shape for input 'X' for model 'm'. Expected [-1,3], got [1,11]",
  )
  expect(refusal(() => read())).toContain(
    "expected 1 inputs but got 0 inputs for model 'm'. Got input(s) [], but missing required input(s) ['X']",
  )
  expect(refusal(() => read(tensor({ name: 'anything', shape: [1, 11] })))).toBe(
    "400 unexpected shape for input 'anything' for model 'm'. Expected [-1,3], got [1,11]",
  )
  const outputs = [{ name: 'y', parameters: { classification: 2 } }]
  expect(refusal(() => readInferRequest({ inputs: [tensor()], outputs }, layout, 'm', 1000))).toContain(
    "'classification'",
  )
  const dataframe_split = { columns: ['a', 'b', 'c', 'a'], data: [[1, 2, 3, 4]] }
  expect(refusal(() => readScoringRequest({ dataframe_split }, layout, 1000))).toContain("column 'a' twice")
  expect(refusal(() => read(tensor(), { name: 'z' }))).toContain("unexpected inference input 'z' for model 'm'")
  expect(refusal(() => read(tensor(), tensor()))).toBe("400 input 'X' already exists in request")
  expect(refusal(() => read(tensor({ datatype: 'FP16' })))).toContain(
    'receiving FP16 data via JSON is not supported. Please use the binary data format for input X',
  )
  for (const data of [
    [1, 2, 3],
    [
      [1, 2, 3],
      [4, 5],
    ],
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ],
    [1, 2, 3, 4, 5, [6]],
    'x',
    { 0: 1 },
    [1, 2, 3, 4, 5, '6'],
    [1, 2, 3, 4, 5, 1e39],
  ]) {
    expect(refusal(() => read(tensor({ data })))).toMatch(/^400/)
  }
})

test('bodies that are not JSON, or nested too deep, are 400 before anything recurses', () => {
  const parse = (text: string) => refusal(() => parseJsonBody(Buffer.from(text)))
  expect(parse('{"a": NaN}')).toContain('NaN is not JSON')
  expect(parse('{"a": -Infinity}')).toContain('Infinity is not JSON')
  expect(parse('{"a":')).toMatch(/^400/)
  expect(parse('['.repeat(200_000))).toMatch(/^400 the JSON body is nested deeper/)
  expect(parse(`${'['.repeat(64)}${']'.repeat(64)}`)).toBe('accepted')
  expect(() => assertShallow(Buffer.from(JSON.stringify('['.repeat(1000))))).not.toThrow()
})

test('no body whatever is answered with anything but rows or a refusal below 500', () => {
  const hostile = fc.anything({ withNullPrototype: true, maxDepth: 4 })
  const shaped = fc.record(
    {
      id: fc.oneof(fc.string(), hostile),
      parameters: hostile,
      inputs: fc.array(
        fc.record(
          {
            name: fc.constantFrom('X', 'a', 'b', '__proto__', 'constructor', 'n', 's', 'f'),
            datatype: fc.constantFrom('FP32', 'FP64', 'INT64', 'BYTES', 'BOOL', 'x'),
            shape: fc.oneof(fc.array(fc.integer({ min: -2, max: 4 }), { maxLength: 3 }), hostile),
            data: fc.oneof(fc.array(fc.oneof(fc.double(), fc.string(), fc.constant(null), hostile)), hostile),
          },
          { requiredKeys: ['name'] },
        ),
        { maxLength: 4 },
      ),
      outputs: hostile,
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(hostile, shaped), (raw) => {
      const text = JSON.stringify(raw)
      const body: unknown = text === undefined ? undefined : JSON.parse(text)
      for (const target of [layout, mixedLayout]) {
        for (const run of [
          () => readInferRequest(body, target, 'm', 1000).block,
          () => readScoringRequest(body, target, 1000),
        ]) {
          try {
            const block = run()
            expect(block.num.length).toBe(block.n * target.inputs.numWidth)
            expect(block.str.length).toBe(block.n * target.inputs.strWidth)
          } catch (error) {
            if (!(error instanceof MainstayError)) throw error
            expect(error.status).toBeLessThan(500)
          }
        }
      }
    }),
    { numRuns: 2000 },
  )
})

test('float32 is printed short and reads back as the same float32', () => {
  expect([0.1, 0.5, 1e-7, 123456.789, 16777216, -0.3, 1e30, 0].map((x) => printFloat32(Math.fround(x)))).toEqual([
    '0.1',
    '0.5',
    '1e-7',
    '123456.79',
    '16777216',
    '-0.3',
    '1e+30',
    '0',
  ])
  expect(printFloat32(NaN)).toBe('null')
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (x) => {
      const text = printFloat32(x)
      expect(Math.fround(JSON.parse(text) as number)).toBe(x + 0)
      expect(
        text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length,
      ).toBeLessThanOrEqual(9)
    }),
    { numRuns: 5000 },
  )
})
