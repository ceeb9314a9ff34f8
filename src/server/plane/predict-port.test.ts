import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { linearModel } from '../../testkit/onnx-models.ts'
import { PlaneProcess, floatSignature, tensorBody } from '../../testkit/plane-process.ts'
import { parsePlainHead } from './plain-http.ts'

const planes: PlaneProcess[] = []
afterEach(async () => {
  await Promise.all(planes.splice(0).map((plane) => plane.stop('SIGKILL')))
})

async function aServingPlane(extra: string[] = []): Promise<PlaneProcess> {
  const plane = new PlaneProcess(extra)
  planes.push(plane)
  await plane.start()
  await plane.push(1, plane.endpoint([plane.variant(3, linearModel([1, 2], 0.5), floatSignature(2))]))
  return plane
}

const head = (length: number, ...more: string[]): string =>
  ['POST /v2/models/bikes/infer HTTP/1.1', 'Host: localhost', `Content-Length: ${length}`, ...more].join('\r\n')

function request(x: number, id: string): string {
  const body = tensorBody([[x, 0]], { id })
  return `${head(body.length)}\r\n\r\n${body}`
}

/** All that a connection gets for these bytes, until the server ends it. */
function talk(plane: PlaneProcess, bytes: string, isEnded = true): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect({ port: plane.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.on('connect', () => (isEnded ? socket.end(bytes) : socket.write(bytes)))
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()))
    socket.on('end', () => socket.end())
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

const idsIn = (text: string): string[] => [...text.matchAll(/"id":"(\w+)"/g)].map((match) => match[1] ?? '')

test('pipelined requests are answered in their order, also to a client that has said all it will', async () => {
  const plane = await aServingPlane()
  const names = Array.from({ length: 200 }, (_, i) => `n${i}`)
  const text = await talk(plane, names.map((name, i) => request(i, name)).join(''))
  expect(idsIn(text)).toEqual(names)
  expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(200)
})

test('garbage behind requests is refused after they have their answers', async () => {
  const plane = await aServingPlane()
  const text = await talk(plane, `${request(1, 'a')}${request(2, 'b')}GARBAGE\r\n\r\n`)
  expect(idsIn(text)).toEqual(['a', 'b'])
  expect(text).toContain('HTTP/1.1 400 Bad Request')
  expect(text).toContain('"code":"request.malformed_http"')
})

test('an open connection does not hold up the end of the plane', async () => {
  const plane = await aServingPlane()
  const talked = talk(plane, request(1, 'a'), false)
  for (let i = 0; i < 100 && (await plane.status()).endpoints[0]?.variants[0]?.requests !== 1; i++);
  const began = performance.now()
  expect(await plane.stop()).toBe(0)
  expect(performance.now() - began).toBeLessThan(5000)
  expect(idsIn(await talked)).toEqual(['a'])
})

test('scoring takes CSV; ids of any alphabet come back as they went', async () => {
  const plane = await aServingPlane()
  const csv = await plane.post('/invocations', '\ufeffx1,"x0"\r\n2,1\r\n\r\n,"3"\r\n', { 'content-type': 'text/csv' })
  expect(csv.body).toEqual({ predictions: [5.5, null] })
  const asHeader = (text: string): string => Buffer.from(text).toString('latin1')
  // As bytes: with a string Node would write the headers in the body's encoding.
  const ask = (id: string) =>
    plane.post('/v2/models/bikes/infer', Buffer.from(tensorBody([[1, 2]], { id: '時間' })), {
      'mainstay-prediction-id': id,
    })
  for (const given of ['', 'größe']) {
    const reply = await ask(asHeader(given))
    expect([reply.status, reply.body.id]).toEqual([200, '時間'])
    expect(reply.headers['mainstay-prediction-id']).toBe(asHeader(given || '時間'))
  }
  const latin = await ask('gr\xf6ße')
  expect([latin.status, latin.headers['mainstay-prediction-id']]).toEqual([200, asHeader('größe')])
  const header = await plane.infer([[1, 2]], {}, { id: 'a\r\nset-cookie: b' })
  expect([header.status, header.body.code]).toEqual([400, 'serving.invalid_input'])
})

test('Triton’s binary tensors are refused with what to do instead', async () => {
  const plane = await aServingPlane()
  const json = tensorBody([[1, 2]])
  const asked = (length: number) =>
    plane.post('/v2/models/bikes/infer', `${json}12345678`.slice(0, length), {
      'inference-header-content-length': String(json.length),
    })
  expect((await asked(json.length)).status).toBe(200)
  const binary = await asked(json.length + 8)
  expect([binary.status, binary.body.code]).toEqual([400, 'serving.binary_unsupported'])
  expect(binary.body.next).toContain('binary_data=False')
})

test('clients that hold large bodies back together fill no memory', async () => {
  const plane = await aServingPlane(['--max-body-mb', '1'])
  const half = `${head(1_000_000)}\r\n\r\n${' '.repeat(900_000)}`
  const sockets = Array.from({ length: 12 }, () => connect({ port: plane.port, host: '127.0.0.1' }))
  const refused = new Promise<string>((resolve) => {
    for (const socket of sockets) socket.once('data', (chunk: Buffer) => resolve(chunk.toString()))
  })
  for (const socket of sockets) socket.write(half)
  expect(await refused).toMatch(/^HTTP\/1\.1 503 [^]*"code":"serving\.overloaded"/)
  for (const socket of sockets) socket.destroy()
  const large = `${tensorBody([[1, 2]])}${' '.repeat(900_000)}`
  const ask = () => plane.post('/v2/models/bikes/infer', large)
  for (let i = 0; i < 50 && (await ask()).status !== 200; i++) await new Promise((resolve) => setTimeout(resolve, 20))
  for (let i = 0; i < 10; i++) expect((await ask()).status).toBe(200)
})

test('only the plain form of a request is read the short way', () => {
  expect(parsePlainHead(head(7, 'X-Note:\t a b \t'))).toEqual({
    url: '/v2/models/bikes/infer',
    bodyBytes: 7,
    headers: { host: 'localhost', 'content-length': '7', 'x-note': 'a b' },
  })
  for (const other of [
    'Transfer-Encoding: chunked',
    'Expect: 100-continue',
    'Connection: close',
    'Content-Length: 7',
    'Content-Encoding: gzip',
    'X : 1',
    'X',
    'X: a\nb',
    ' folded',
  ])
    expect(parsePlainHead(head(7, other)), other).toBeUndefined()
  expect(parsePlainHead(head(7).replace('POST', 'GET'))).toBeUndefined()
  expect(parsePlainHead(head(7).replace('1.1', '1.0'))).toBeUndefined()
  expect(parsePlainHead(head(7).replace('Host: localhost\r\n', ''))).toBeUndefined()
})
