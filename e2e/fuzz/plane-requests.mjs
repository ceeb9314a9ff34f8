import { gzipSync } from 'node:zlib'

export const path = '/v2/models/bikes/infer'
const deep = (open, close, levels) => open.repeat(levels) + close.repeat(levels)

/** A request as bytes. `headers` replaces and adds by name; null leaves one out. */
export function requestBytes({ method = 'POST', target = path, version = '1.1', headers = {}, body = '' }) {
  const bytes = Buffer.from(body)
  const all = {
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': String(bytes.length),
    ...headers,
  }
  const lines = Object.entries(all).filter(([, value]) => value !== null)
  const head = `${method} ${target} HTTP/${version}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}

export const tensor = (extra = {}) => ({
  inputs: [{ name: 'X', datatype: 'FP32', shape: [1, 2], data: [1, 2], ...extra }],
})
const oip = (extra, top = {}) => JSON.stringify({ ...tensor(extra), ...top })
const good = oip({})
const scoring = '/endpoints/bikes/invocations'
const inChunks = { 'content-length': null, 'transfer-encoding': 'chunked' }

/** Bodies and headers that a careless or hostile client sends, with the status that each must get. */
export const wrongRequests = [
  { name: 'a bare NaN', body: good.replace('[1,2]}', '[NaN,2]}') },
  { name: 'a bare Infinity', body: good.replace('[1,2]}', '[1,-Infinity]}') },
  { name: 'half a body', body: good.slice(0, 40) },
  { name: 'two bodies', body: good + good },
  { name: 'deep arrays', body: deep('[', ']', 100_000) },
  { name: 'deep arrays, never closed', body: '['.repeat(100_000) },
  { name: 'deep objects in the data', body: `{"inputs": ${'[{"data":'.repeat(30_000)}1${'}]'.repeat(30_000)}}` },
  { name: 'a flood of arrays', body: `{"inputs": [${'[],'.repeat(300_000)}1]}`, status: 413 },
  { name: 'an array', body: '[1, 2]' },
  { name: 'a text', body: '"x"' },
  { name: 'nothing', body: '' },
  { name: 'no UTF-8', body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) },
  { name: 'a byte order mark', body: `\ufeff${good}` },
  { name: 'a prototype', body: '{"__proto__": {"inputs": []}, "constructor": 1}' },
  { name: 'no inputs', body: '{"inputs": []}' },
  { name: 'inputs that are an object', body: '{"inputs": {"X": [1, 2]}}' },
  { name: 'an input that is null', body: '{"inputs": [null]}' },
  { name: 'an input without data', body: oip({ data: undefined }) },
  { name: 'ragged data', body: oip({ shape: [2, 2], data: [[1, 2], [3]] }) },
  { name: 'data nested too deep', body: oip({ shape: [2], data: [[1], [2]] }) },
  { name: 'data deeper than its shape', body: oip({ data: [[[1, 2]]] }) },
  { name: 'objects among the data', body: oip({ data: [1, {}] }) },
  { name: 'texts among the data', body: oip({ data: ['1', 2] }) },
  { name: 'too few data', body: oip({ shape: [2, 2] }) },
  { name: 'a wrong width', body: oip({ shape: [1, 3], data: [1, 2, 3] }) },
  { name: 'a negative shape', body: oip({ shape: [-1, 2] }) },
  { name: 'a fractional shape', body: oip({ shape: [0.5, 2] }) },
  { name: 'a shape of texts', body: oip({ shape: ['1', '2'] }) },
  { name: 'a shape that asks for all memory', body: oip({ shape: [1_000_000_000, 2], data: [] }), status: 413 },
  { name: 'more rows than the queue', body: oip({ shape: [9000, 2], data: Array(18_000).fill(0) }), status: 413 },
  { name: 'a number beyond float32', body: oip({ data: [1e39, 2] }) },
  { name: 'another datatype', body: oip({ datatype: 'INT64' }) },
  { name: 'an unknown datatype', body: oip({ datatype: 'COMPLEX' }) },
  { name: 'half floats', body: oip({ datatype: 'FP16' }) },
  { name: 'another input', body: oip({ name: '../X', shape: [1] }) },
  { name: 'the input twice', body: JSON.stringify({ inputs: [...tensor().inputs, ...tensor().inputs] }) },
  { name: 'classes for an output', body: oip({}, { outputs: [{ name: 'y', parameters: { classification: 2 } }] }) },
  { name: 'another output', body: oip({}, { outputs: [{ name: 'z' }] }) },
  { name: 'outputs that are no list', body: oip({}, { outputs: 'y' }) },
  { name: 'an id that is a number', body: oip({}, { id: 7 }) },
  { name: 'an id with a line break', body: oip({}, { id: 'a\r\nset-cookie: x' }) },
  { name: 'an id with half a character', body: oip({}, { id: '\ud800' }) },
  { name: 'a huge id', body: oip({}, { id: 'x'.repeat(100_000) }) },
  { name: 'parameters that are a list', body: oip({}, { parameters: [] }) },
  { name: 'a huge body', body: ' '.repeat(3_000_000), status: 413 },
  { name: 'a huge body in chunks', body: hugeChunks(), headers: inChunks, status: 413 },
  { name: 'the binary extension', body: `${good}1234`, headers: { 'inference-header-content-length': good.length } },
  { name: 'a binary length that is none', body: good, headers: { 'inference-header-content-length': 'x' } },
  { name: 'plain text', body: 'x', headers: { 'content-type': 'text/plain' }, status: 415 },
  { name: 'a form', body: 'x=1', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 415 },
  { name: 'CSV for tensors', body: 'x0,x1\n1,2', headers: { 'content-type': 'text/csv' }, status: 415 },
  { name: 'CSV that is not closed', target: scoring, body: 'x0,x1\n"1,2', headers: { 'content-type': 'text/csv' } },
  { name: 'CSV with a short row', target: scoring, body: 'x0,x1\n1', headers: { 'content-type': 'text/csv' } },
  { name: 'CSV without a head', target: scoring, body: '', headers: { 'content-type': 'text/csv' } },
  {
    name: 'CSV with a column twice',
    target: scoring,
    body: 'x0,x1,x0\n1,2,3',
    headers: { 'content-type': 'text/csv' },
  },
  {
    name: 'a split with a column twice',
    target: scoring,
    body: '{"dataframe_split": {"columns": ["x0", "x1", "x0"], "data": [[1, 2, 3]]}}',
  },
  { name: 'CSV with texts', target: scoring, body: 'x0,x1\na,2', headers: { 'content-type': 'text/csv' } },
  { name: 'two scoring forms', target: scoring, body: '{"instances": [], "inputs": []}' },
  { name: 'ragged records', target: scoring, body: '{"instances": [[1, 2], [1]]}' },
  { name: 'a split without rows', target: scoring, body: '{"dataframe_split": {"columns": [], "data": 1}}' },
  { name: 'gzip that is none', body: 'x', headers: { 'content-encoding': 'gzip' } },
  { name: 'an unknown encoding', body: 'x', headers: { 'content-encoding': 'zstd' }, status: 415 },
  { name: 'a foreign host', body: good, headers: { host: 'evil.example' }, status: 403 },
  { name: 'an empty host', body: good, headers: { host: '' }, status: 403 },
  { name: 'no host', body: good, headers: { host: null } },
  { name: 'a foreign page', body: good, headers: { origin: 'https://evil.example' }, status: 403 },
  { name: 'a page without origin', body: good, headers: { origin: 'null' }, status: 403 },
  { name: 'an unknown model', body: good, target: '/v2/models/nobody/infer', status: 404 },
  { name: 'an unknown version', body: good, target: '/v2/models/bikes/versions/99/infer', status: 404 },
  { name: 'a version that is none', body: good, target: '/v2/models/bikes/versions/x/infer', status: 404 },
  { name: 'a model named like a property', body: good, target: '/v2/models/__proto__/infer', status: 404 },
  { name: 'a way out of the path', body: good, target: '/v2/models/../../etc/passwd', status: 404 },
  { name: 'a coded way out', body: good, target: '/v2/models/%2e%2e%2fbikes/infer', status: 404 },
  { name: 'half a code', body: good, target: '/v2/models/%zz/infer', status: 404 },
  { name: 'a NUL in the path', body: good, target: '/v2/models/bikes%00/infer', status: 404 },
  { name: 'a double slash', body: good, target: '//v2/models/bikes/infer', status: 404 },
  { name: 'an absolute address', body: good, target: 'http://evil.example/v2', status: 404 },
  { name: 'a star', body: good, target: '*', status: 404 },
  { name: 'a huge address', body: good, target: `/v2/models/${'x'.repeat(12_000)}/infer`, status: 404 },
  { name: 'a prediction by GET', method: 'GET', headers: { 'content-length': null }, status: 405 },
  { name: 'OPTIONS', method: 'OPTIONS', headers: { 'content-length': null }, status: 405 },
  { name: 'TRACE', method: 'TRACE', headers: { 'content-length': null }, status: 405 },
  { name: 'CONNECT', method: 'CONNECT', target: 'evil.example:443', status: 405 },
  { name: 'DELETE', method: 'DELETE', body: good, status: 405 },
  { name: 'a POST to health', target: '/v2/health/ready', body: good, status: 405 },
  { name: 'an unknown method', method: 'BREW' },
  { name: 'a flood of headers', headers: { cookie: 'x'.repeat(40_000) }, status: 431 },
  { name: 'another expectation', body: good, headers: { expect: '200-maybe' } },
  { name: 'an entity with a NUL', body: good, headers: { 'mainstay-entity': 'a\0b' } },
  { name: 'a huge entity', body: good, headers: { 'mainstay-entity': 'x'.repeat(3000) } },
  { name: 'a huge prediction id', body: good, headers: { 'mainstay-prediction-id': 'x'.repeat(3000) } },
  { name: 'an id with a tab', body: good, headers: { 'mainstay-prediction-id': 'a\tb' } },
  {
    name: 'ids that are no texts',
    body: oip({ shape: [2, 2], data: [1, 2, 3, 4] }),
    headers: { 'mainstay-prediction-id': '[{"toString":1},"b"]' },
  },
  {
    name: 'too many ids',
    body: oip({ shape: [2, 2], data: [1, 2, 3, 4] }),
    headers: { 'mainstay-prediction-id': 'a,b,c' },
  },
  ...[
    'yesterday',
    '1e9',
    'NaN',
    '2026-13-01T00:00:00Z',
    '-9999999999999999',
    '9999999999999',
    '{}',
    '[',
    '2026-01-01',
  ].map((stamp) => ({ name: `the event time ${stamp}`, body: good, headers: { 'mainstay-event-time': stamp } })),
]

/** Bytes that are not quite HTTP. */
export const wrongBytes = [
  { name: 'a TLS greeting', bytes: Buffer.from('16030100a5010000a10303', 'hex') },
  { name: 'HTTP/2', bytes: Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n') },
  { name: 'HTTP/9.9', bytes: requestBytes({ version: '9.9', body: good }) },
  { name: 'two lengths', bytes: requestBytes({ headers: { 'Content-Length': '5' }, body: good }) },
  { name: 'a length that is none', bytes: requestBytes({ headers: { 'content-length': '0x10' }, body: good }) },
  { name: 'a negative length', bytes: requestBytes({ headers: { 'content-length': '-1' }, body: good }) },
  { name: 'a length and chunks', bytes: requestBytes({ headers: { 'transfer-encoding': 'chunked' }, body: good }) },
  { name: 'a bad chunk', bytes: requestBytes({ headers: inChunks, body: 'zz\r\nabc\r\n0\r\n\r\n' }) },
  { name: 'a chunk of 2^63', bytes: requestBytes({ headers: inChunks, body: '8000000000000000\r\nabc' }) },
  { name: 'a header without a colon', bytes: Buffer.from('POST /v2 HTTP/1.1\r\nhost: localhost\r\nx\r\n\r\n') },
  { name: 'a space before the colon', bytes: requestBytes({ headers: { 'x ': '1' }, body: good }) },
  { name: 'a folded header', bytes: requestBytes({ headers: { x: '1\r\n y' }, body: good }) },
  { name: 'a NUL in a header', bytes: requestBytes({ headers: { x: 'a\0b' }, body: good }) },
  { name: 'bare line feeds', bytes: Buffer.from(`POST ${path} HTTP/1.1\nhost: localhost\ncontent-length: 2\n\n{}`) },
  { name: 'no request line', bytes: Buffer.from('\r\n\r\n\r\nxxxx\r\n\r\n') },
]

/** Not usual, and right all the same. */
export const rightRequests = [
  { name: 'HTTP/1.0', bytes: requestBytes({ version: '1.0', headers: { host: null }, body: good }) },
  { name: 'Expect: 100-continue', bytes: requestBytes({ headers: { expect: '100-continue' }, body: good }) },
  {
    name: 'chunks',
    bytes: requestBytes({ headers: inChunks, body: `${good.length.toString(16)}\r\n${good}\r\n0\r\n\r\n` }),
  },
  { name: 'connection: close', bytes: requestBytes({ headers: { connection: 'close' }, body: good }) },
  {
    name: 'headers in capitals',
    bytes: requestBytes({ headers: { 'content-type': 'Application/JSON; Charset=utf-8' }, body: good }),
  },
  {
    name: 'an encoding in capitals',
    bytes: requestBytes({ headers: { 'content-encoding': 'GZIP' }, body: gzipSync(good) }),
  },
  { name: 'an id of another alphabet', bytes: requestBytes({ body: oip({}, { id: '時間-é' }) }) },
  {
    name: 'CSV',
    bytes: requestBytes({ target: scoring, headers: { 'content-type': 'text/csv' }, body: '\ufeffx1,"x0"\r\n2,1\r\n' }),
  },
]

function hugeChunks() {
  const chunk = `10000\r\n${' '.repeat(65_536)}\r\n`
  return `${chunk.repeat(48)}0\r\n\r\n`
}
