import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bodyOf } from './body.ts'
import { parseCsv } from './csv.ts'
import { compile } from './expression.ts'
import { boundaryAt, planRows } from './plan.ts'
import { replayTable } from './replay.ts'
import { typed } from './table.ts'
import { fromParts, monthOf, parseTimeParts, timeReader, toTime } from './times.ts'

describe('times', () => {
  test.each([
    ['2011-01-01', Date.UTC(2011, 0, 1)],
    ['2011-01-01 05:00:00', Date.UTC(2011, 0, 1, 5)],
    ['2011-01-01T05:00:00Z', Date.UTC(2011, 0, 1, 5)],
    ['2011-01-01T05:00:00+02:00', Date.UTC(2011, 0, 1, 3)],
    [1_300_000_000, 1_300_000_000_000],
    [1_300_000_000_000, 1_300_000_000_000],
  ])('%s is a time in UTC', (value, time) => expect(toTime(value)).toBe(time))
  test.each(['soon', '', null, true])('%s is no time', (value) => expect(toTime(value)).toBeUndefined())

  test('months are known in every spelling of the bikes table', () => {
    const names = ['Jan', 'Feb', 'March', 'April', 'May', 'June', 'July', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec']
    expect(names.map(monthOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])
    expect([monthOf('1'), monthOf(12), monthOf('13'), monthOf('Smarch'), monthOf(null)]).toEqual([
      0,
      11,
      undefined,
      undefined,
      undefined,
    ])
  })

  test('a time is put together from parts; a day of the year outranks the month', () => {
    const parts = parseTimeParts('year=2011,month=mnth,dayofyear=day,hour=hr')
    const timeOf = timeReader({ parts }, ['mnth', 'day', 'hr'])
    expect(timeOf({ mnth: 'Dec', day: 365, hr: 23 }, 1)).toBe(Date.UTC(2011, 11, 31, 23))
    expect(timeOf({ mnth: 'March', day: 60, hr: '0' }, 1)).toBe(Date.UTC(2011, 2, 1))
    expect(() => timeOf({ mnth: 'March', day: null, hr: 0 }, 7)).toThrow('row 7')
    expect(fromParts({ date: '2012-02-29', hour: 5 })).toBe(Date.UTC(2012, 1, 29, 5))
    expect(() => parseTimeParts('hour=hr')).toThrow('need a year or a date')
    expect(() => timeReader({ column: 'when' }, ['a'])).toThrow('no column “when”')
  })
})

describe('tables', () => {
  test('CSV with quotes, line breaks, a byte order mark and CRLF', () => {
    expect(parseCsv('\ufeffa,b\r\n"x ""y"", z",1\r\n"two\nlines",\r\n\r\n')).toEqual([
      { a: 'x "y", z', b: '1' },
      { a: 'two\nlines', b: '' },
    ])
    expect(() => parseCsv('a\n"x')).toThrow('inside a quoted field')
  })

  test('a column is numeric when all of it is; missing has many spellings there and one in text', () => {
    expect(
      typed(
        [
          ['1', 'x', '01'],
          ['NA', 'NA', '2'],
          ['', '', '3'],
        ],
        3,
      ),
    ).toEqual([
      [1, 'x', '01'],
      [null, 'NA', '2'],
      [null, null, '3'],
    ])
  })
})

test('expressions know columns, numbers and texts; what is missing stays missing', () => {
  const row = { wind: 2, gone: null, name: 'x' }
  const columns = ['wind', 'gone', 'name', 'odd name']
  const cell = (text: string) => compile(text, columns)(row)
  expect(cell('wind * 67 + 1')).toBe(135)
  expect(cell('-(wind - 5) / 2')).toBe(1.5)
  expect(cell('1 - 1 - 1')).toBe(-1)
  expect(cell('gone + 1')).toBeNull()
  expect(cell('wind / 0')).toBeNull()
  expect([cell("'it''s'"), cell('null'), cell('true'), cell('name')]).toEqual(["it's", null, true, 'x'])
  for (const wrong of ['', 'wind +', '(wind', 'wind wind', 'nosuch', 'wind; 1', 'process.exit(1)'])
    expect(() => compile(wrong, columns)).toThrow()
})

test('rows are in event-time order, keep the number of their line, and a label is the file’s own', () => {
  const table = {
    columns: ['t', 'x', 'y'],
    rows: [
      ['2011-01-02', 1, 5],
      ['2011-01-01', 2, 6],
      ['2011-02-01', 3, 7],
    ],
  }
  const rows = planRows(table, {
    file: 'data/bikes.csv',
    time: { column: 't' },
    label: 'y',
    to: Date.UTC(2011, 0, 31),
    set: { y: 'y * 100', x: 'x + 1' },
  })
  expect(rows.map(({ id, label, row }) => [id, label, row['x'], row['y']])).toEqual([
    ['bikes-2', 6, 3, 600],
    ['bikes-1', 5, 2, 500],
  ])
})

test('a boundary counts once, and not before the first row', () => {
  const day = 86_400_000
  expect(boundaryAt(day + 1, day, day)).toBeUndefined()
  expect(boundaryAt(2 * day, day, day + 1)).toBe(2 * day)
  expect(boundaryAt(2 * day + 5, day, 2 * day)).toBeUndefined()
  expect(boundaryAt(9 * day, day, 2 * day)).toBe(9 * day)
})

const signature = {
  inputs: [
    { name: 'temp', kind: 'float' as const, missing: true },
    { name: 'hr', kind: 'int' as const, missing: false },
    { name: 'sky', kind: 'string' as const, missing: false },
  ],
  outputs: [{ name: 'y', kind: 'float' as const, missing: false }],
  onnx: { inputs: [{ name: 'temp', dtype: 'FP32' as const, columns: ['temp'] }], outputs: [] },
}

test('a row becomes one tensor per column, of the graph’s type where it has one', () => {
  const body = JSON.parse(bodyOf(signature, { temp: null, hr: 3, sky: 1 }, undefined)) as { inputs: object[] }
  expect(body.inputs).toEqual([
    { name: 'temp', shape: [1, 1], datatype: 'FP32', data: [null] },
    { name: 'hr', shape: [1, 1], datatype: 'INT64', data: [3] },
    { name: 'sky', shape: [1, 1], datatype: 'BYTES', data: ['1'] },
  ])
  expect(
    (JSON.parse(bodyOf(signature, { temp: 1, hr: 3 }, ['temp', 'sky'])) as { inputs: object[] }).inputs,
  ).toHaveLength(1)
})

/** Stands for control and data plane; notes what arrives, in order. */
class FakeServer {
  readonly arrived: string[] = []
  readonly bodies: Record<string, unknown>[] = []
  fail: (id: string) => number = () => 200
  settledAfter = 0
  #server: Server = createServer((request, response) => void this.#answer(request, response))

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = ''
    for await (const chunk of request) text += String(chunk)
    const url = request.url ?? ''
    const send = (status: number, value: object): void => void response.writeHead(status).end(JSON.stringify(value))
    if (url.endsWith('/labels')) {
      const { labels } = JSON.parse(text) as { labels: { id: string; value: number }[] }
      for (const { id, value } of labels) this.arrived.push(`label ${id}=${value}`)
      return send(200, { accepted: labels.length, unchanged: 0 })
    }
    if (url.includes('/settled')) {
      this.arrived.push(
        `settled ${new Date(Number(new URL(url, 'http://x').searchParams.get('through'))).toISOString().slice(0, 10)}`,
      )
      this.settledAfter -= 1
      return send(200, { settled: this.settledAfter < 0, pending: ['a run'], watermark: null })
    }
    if (url.endsWith('/infer')) {
      const id = String(request.headers['mainstay-prediction-id'])
      this.arrived.push(`${String(request.headers['mainstay-event-time']).slice(0, 13)} ${id}`)
      this.bodies.push(JSON.parse(text) as Record<string, unknown>)
      const status = this.fail(id)
      return send(status, status === 200 ? {} : { error: `row ${id} is refused` })
    }
    const { port } = this.#server.address() as AddressInfo
    return send(200, {
      name: 'bikes',
      spec: { allowed_lateness: '0s' },
      signature,
      variants: [{ role: 'live', version: 4 }],
      predict_url: `http://127.0.0.1:${port}/v2/models/bikes/infer`,
    })
  }
}

describe('a replay', () => {
  let server: FakeServer
  let url: string
  let folder: string
  beforeEach(async () => {
    server = new FakeServer()
    url = await server.start()
    folder = await mkdtemp(join(tmpdir(), 'ms-replay-'))
  })
  afterEach(async () => {
    server.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const replay = async (rows: readonly string[], more: object = {}) => {
    const file = join(folder, 'b.csv')
    await writeFile(file, ['t,temp,hr,sky,y', ...rows].join('\n'))
    return await replayTable({
      file,
      endpoint: 'bikes',
      url,
      time: { column: 't' },
      label: 'y',
      labelDelayMs: 86_400_000,
      ...more,
    })
  }
  const row = (day: number, hour: number): string =>
    `2011-01-0${day} ${hour}:00,1.5,${hour},clear,${day * 100 + hour}`.replace(' 0:', ' 00:').replace(' 6:', ' 06:')

  test('sends labels when the replayed clock reaches them, and holds at boundaries', async () => {
    server.settledAfter = 2
    const boundaries: string[] = []
    const onBoundary = (time: number) => void boundaries.push(new Date(time).toISOString().slice(0, 10))
    const summary = await replay([row(2, 0), row(1, 12), row(1, 6), row(2, 12)], { barrier: 'window', onBoundary })
    expect(server.arrived).toEqual([
      '2011-01-01T06 b-3',
      '2011-01-01T12 b-2',
      '2011-01-02T00 b-1',
      'settled 2011-01-02',
      'settled 2011-01-02',
      'settled 2011-01-02',
      'label b-3=106',
      'label b-2=112',
      '2011-01-02T12 b-4',
      'label b-1=200',
      'label b-4=212',
      'settled 2011-01-02',
    ])
    expect(boundaries).toEqual(['2011-01-02'])
    expect(summary).toMatchObject({
      rows: 4,
      predictions: 4,
      labels: 4,
      barriers: 1,
      failed: 0,
      refused: 0,
      version: 4,
    })
  })

  test('goes on after failures; a refused row gets no label, and each kind of error is told once', async () => {
    server.fail = (id) => (id === 'b-1' ? 500 : id === 'b-2' || id === 'b-3' ? 400 : 200)
    const summary = await replay([row(1, 0), row(1, 6), row(1, 12), row(1, 18)])
    expect(summary).toMatchObject({ predictions: 1, failed: 1, refused: 2, labels: 2 })
    expect(summary.errors.map(({ status, count }) => [status, count])).toEqual([
      [500, 1],
      [400, 2],
    ])
  })

  test('a hook may change, drop or leave out a row’s values', async () => {
    const onRow = (values: Record<string, unknown>, time: number) => {
      delete values['temp']
      return new Date(time).getUTCHours() !== 6
    }
    expect(await replay([row(1, 0), row(1, 6)], { onRow })).toMatchObject({ predictions: 1 })
    expect(JSON.stringify(server.bodies)).not.toContain('temp')
  })

  test('a column that the endpoint wants and nobody makes is refused before anything is sent', async () => {
    const file = join(folder, 'c.csv')
    await writeFile(file, 't,hr\n2011-01-01,1\n')
    await expect(replayTable({ file, endpoint: 'bikes', url, time: { column: 't' } })).rejects.toThrow(
      'no column temp, sky',
    )
    expect(server.arrived).toEqual([])
  })

  test('a barrier that is never settled fails with what is pending', async () => {
    server.settledAfter = 1_000
    await expect(replay([row(1, 0), row(2, 0)], { barrier: 'window', barrierTimeoutMs: 100 })).rejects.toThrow('a run')
  })

  test('Parquet is read as well', async () => {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const connection = await (await DuckDBInstance.fromCache(':memory:')).connect()
    const file = join(folder, 'p.parquet')
    await connection.run(
      `copy (select timestamp '2011-01-01 05:00:00' as t, 1.5::float as temp, 5::bigint as hr, 'clear' as sky, 7 as y) to '${file}'`,
    )
    connection.closeSync()
    expect(await replayTable({ file, endpoint: 'bikes', url, time: { column: 't' }, label: 'y' })).toMatchObject({
      predictions: 1,
      labels: 1,
    })
    expect(server.arrived).toEqual(['2011-01-01T05 p-1', 'label p-1=7'])
  })
})
