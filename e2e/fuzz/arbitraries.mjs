import fc from 'fast-check'
import { z } from 'zod'

/** Texts that have broken somebody's server: traversal, quotes, NUL, lone surrogates, markup, numbers too large. */
export const hostileTexts = [
  '',
  '../../../../etc/passwd',
  '..%2f..%2fetc%2fpasswd',
  '/etc/passwd',
  'a\0b',
  '\ud800',
  '\u202e\u0000',
  "'; drop table run; --",
  '<script>alert(1)</script>',
  '${{ params.x }}',
  '__proto__',
  'constructor',
  '99999999999999999999',
  '-1',
  '1e400',
  'NaN',
  'null',
  '%',
  '%zz',
  '😀'.repeat(300),
  'x'.repeat(100_000),
]
const hostileValues = [
  null,
  true,
  -1,
  0.5,
  1e308,
  2 ** 53,
  2 ** 63,
  -(2 ** 63),
  [],
  {},
  [[[]]],
  { $ne: null },
  { toString: 1 },
  ['a', 1],
]

/** Values that fit a zod shape, more or less: what its JSON Schema says, with known names among the texts. */
export function fitting(shape, known) {
  const schema = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any', cycles: 'ref' })
  return arbitraryOf(schema, schema.$defs ?? {}, known, 0)
}

function arbitraryOf(schema, definitions, known, depth) {
  if (depth > 6 || schema === true || schema === undefined) return fc.jsonValue({ maxDepth: 2 })
  if (schema.$ref) return arbitraryOf(definitions[schema.$ref.split('/').at(-1)], definitions, known, depth + 1)
  if ('const' in schema) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices) return fc.oneof(...choices.map((choice) => arbitraryOf(choice, definitions, known, depth + 1)))
  if (schema.allOf) return arbitraryOf(schema.allOf[0], definitions, known, depth + 1)
  return byType[schema.type]?.(schema, definitions, known, depth) ?? fc.jsonValue({ maxDepth: 2 })
}

const byType = {
  null: () => fc.constant(null),
  boolean: () => fc.boolean(),
  integer: (schema) =>
    fc.integer({ min: Math.max(schema.minimum ?? -1e6, -1e9), max: Math.min(schema.maximum ?? 1e6, 1e9) }),
  number: () => fc.double({ noNaN: true, noDefaultInfinity: true }),
  string: (_, __, known) =>
    fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...known) },
      { weight: 2, arbitrary: fc.string({ maxLength: 30 }) },
      { weight: 1, arbitrary: fc.constantFrom(...hostileTexts) },
    ),
  array: (schema, definitions, known, depth) =>
    fc.array(arbitraryOf(schema.items, definitions, known, depth + 1), { maxLength: 4 }),
  object: (schema, definitions, known, depth) => {
    const fields = Object.entries(schema.properties ?? {})
    const named = Object.fromEntries(
      fields.map(([name, field]) => [name, arbitraryOf(field, definitions, known, depth + 1)]),
    )
    if (fields.length === 0 && typeof schema.additionalProperties === 'object')
      return fc.dictionary(
        fc.constantFrom(...known),
        arbitraryOf(schema.additionalProperties, definitions, known, depth + 1),
        { maxKeys: 3 },
      )
    return fc.record(named, { requiredKeys: (schema.required ?? []).filter((name) => name in named) })
  },
}

/** One field made wrong, left out or added; most requests that break a server are nearly right. */
export function spoilt(arbitrary) {
  return fc
    .tuple(
      arbitrary,
      fc.nat(),
      fc.constantFrom('wrong', 'hostile', 'absent', 'added'),
      fc.constantFrom(...hostileValues),
      fc.constantFrom(...hostileTexts),
    )
    .map(([input, at, how, value, text]) => {
      const names = Object.keys(input)
      const name = names[at % Math.max(1, names.length)]
      if (how === 'added' || name === undefined)
        return { ...input, __proto__x: value, [text.slice(0, 50) || 'empty']: text }
      const copy = { ...input }
      if (how === 'absent') delete copy[name]
      else copy[name] = how === 'wrong' ? value : text
      return copy
    })
}

const deep = (open, close, levels) => open.repeat(levels) + close.repeat(levels)

/** Whole requests that no shape describes: bodies that are not JSON, foreign pages, wrong tokens and types. */
export const brokenRequests = [
  { name: 'a bare NaN', payload: '{"value": NaN, "labels": [{"id": "x", "value": Infinity}]}' },
  { name: 'half an object', payload: '{"name": "a' },
  { name: 'deep arrays', payload: `{"value": ${deep('[', ']', 50_000)}}` },
  { name: 'deep objects', payload: `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}` },
  { name: 'an array', payload: '[1, 2]' },
  { name: 'a text', payload: '"text"' },
  { name: 'null', payload: 'null' },
  { name: 'nothing', payload: '' },
  { name: 'no UTF-8', payload: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) },
  { name: 'a byte order mark', payload: '\ufeff{}' },
  { name: 'a prototype', payload: '{"__proto__": {"name": "x"}, "constructor": {"prototype": {}}}' },
  { name: 'plain text', payload: 'name=x', headers: { 'content-type': 'text/plain' } },
  { name: 'a form', payload: 'name=x&value=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  { name: 'a broken multipart', payload: '--x\r\n', headers: { 'content-type': 'multipart/form-data; boundary=x' } },
  { name: 'another charset', payload: '{}', headers: { 'content-type': 'application/json; charset=utf-16' } },
  { name: 'no content type', payload: '{}', headers: { 'content-type': '' } },
  { name: 'a foreign host', payload: '{}', headers: { host: 'evil.example' }, status: 403 },
  { name: 'a wrong token', payload: '{}', headers: { authorization: 'Bearer mst_wrong' }, status: 401 },
  { name: 'a wrong scheme', payload: '{}', headers: { authorization: `Basic ${'='.repeat(5_000)}` } },
  { name: 'a foreign page', payload: '{}', headers: { origin: 'https://evil.example' }, status: 403, writesOnly: true },
  { name: 'a page without origin', payload: '{}', headers: { origin: 'null' }, status: 403, writesOnly: true },
]
