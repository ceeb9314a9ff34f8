import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { SegmentMeta } from '../../../contract/plane.ts'
import type { RowFields } from './encode.ts'
import { listSegments, metaPath, segmentPath } from './files.ts'
import { readSegment } from './read.ts'
import { recover } from './recover.ts'
import type { RowSchema } from './schema.ts'
import { SpoolWriter, prepareSchema } from './writer.ts'

const schema: RowSchema = {
  endpoint: 'e',
  variant: 'v1',
  model: 'm',
  version: 1,
  inputs: [
    { name: 'a', kind: 'float', missing: true },
    { name: 's', kind: 'string', missing: true },
    { name: 'b', kind: 'bool', missing: false },
  ],
  outputs: [{ name: 'y', kind: 'float', missing: false }],
  clock: 'event',
  allowedLatenessMs: 0,
  referenceUrl: null,
  referenceDigest: null,
}

const folderOf = (): string => mkdtempSync(join(tmpdir(), 'spool-'))
const writerOn = (folder: string, capBytes = 1e9): SpoolWriter =>
  new SpoolWriter({ folder, capBytes, segmentBytes: 1e6 })

function row(id: string, a: number, s: string | null, extra: Partial<RowFields> = {}): RowFields {
  return {
    id,
    requestId: null,
    eventTime: NaN,
    arrival: 5,
    propensity: 0.25,
    entity: null,
    kind: 0,
    isError: false,
    error: null,
    latencyUs: 7,
    inputs: { num: [a, 1], str: [s] },
    inputRow: 0,
    outputs: { num: [a * 2], str: [] },
    outputRow: 0,
    ...extra,
  }
}

const describe = async (sequence: number, bytes: number, rows: Iterable<unknown>): Promise<SegmentMeta> => ({
  replica: 'r1',
  sequence,
  rows: [...rows].length,
  bytes,
  sealedAt: 0,
  endpoints: [],
})

test('rows come back as they were written, whatever their texts and numbers', () => {
  const cell = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(NaN))
  const text = fc.option(fc.string({ unit: 'binary', maxLength: 200 }), { nil: null })
  const one = fc.record({
    id: fc.string({ minLength: 1 }),
    a: cell,
    s: text,
    entity: text,
    requestId: text,
    eventTime: cell,
    error: text,
  })
  fc.assert(
    fc.property(fc.array(fc.array(one, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 4 }), (turns) => {
      const folder = folderOf()
      const writer = writerOn(folder)
      const prepared = prepareSchema(schema)
      for (const turn of turns) {
        for (const r of turn)
          writer.add(
            prepared,
            row(r.id, r.a, r.s, {
              entity: r.entity,
              requestId: r.requestId,
              eventTime: r.eventTime,
              isError: r.error !== null,
              error: r.error,
            }),
          )
        expect(writer.commit()).toBe(true)
      }
      const read = [...readSegment(segmentPath(folder, 1))]
      const wellFormed = (value: string | null): string | null =>
        value === null ? null : Buffer.from(value).toString()
      const finite = (value: number): number | null => (Number.isFinite(value) ? value : null)
      expect(
        read.map((r) => [
          r.id,
          r.inputs['a'],
          r.inputs['s'],
          r.inputs['b'],
          r.entity,
          r.requestId,
          r.eventTime,
          r.error,
        ]),
      ).toEqual(
        turns
          .flat()
          .map((r) => [
            wellFormed(r.id),
            finite(r.a),
            wellFormed(r.s),
            true,
            wellFormed(r.entity),
            wellFormed(r.requestId),
            Number.isNaN(r.eventTime) ? null : r.eventTime,
            wellFormed(r.error),
          ]),
      )
    }),
    { numRuns: 60 },
  )
})

test('a torn or damaged tail is cut wherever it is torn, and no earlier turn is lost', async () => {
  const folder = folderOf()
  const writer = writerOn(folder)
  const prepared = prepareSchema(schema)
  const ends: number[] = []
  for (let turn = 0; turn < 5; turn++) {
    writer.add(prepared, row(`k${turn}`, turn, 'x'))
    writer.commit()
    ends.push(writer.bytes)
  }
  const whole = readFileSync(segmentPath(folder, 1))
  for (let length = 8; length <= whole.length; length += 3) {
    writeFileSync(segmentPath(folder, 1), whole.subarray(0, length))
    const rows = [...readSegment(segmentPath(folder, 1))]
    expect(rows.length).toBe(ends.filter((end) => end <= length).length)
  }
  writeFileSync(segmentPath(folder, 1), whole)
  truncateSync(segmentPath(folder, 1), whole.length - 3)
  appendFileSync(segmentPath(folder, 1), 'garbage')
  const [result] = await recover(folder, 1, describe)
  expect(result?.rows).toBe(4)
  expect(listSegments(folder)).toEqual([{ sequence: 1, isSealed: true }])
  expect(await recover(folder, 1, describe)).toEqual([])
})

test('a segment whose bytes were damaged after they were written is kept whole beside what could be read', async () => {
  const folder = folderOf()
  const writer = writerOn(folder)
  const prepared = prepareSchema(schema)
  for (let turn = 0; turn < 3; turn++) {
    writer.add(prepared, row(`k${turn}`, turn, 'x'))
    writer.commit()
  }
  const path = segmentPath(folder, 1)
  const whole = readFileSync(path)
  for (const [at, rows] of [
    [writer.bytes - 5, 2],
    [0, 0],
  ] as const) {
    const damaged = Buffer.from(whole)
    damaged[at] = (damaged[at] ?? 0) ^ 0xff
    writeFileSync(path, damaged)
    expect(await recover(folder, 1, describe)).toMatchObject([{ rows, kept: `${path}.damaged` }])
    expect(readFileSync(`${path}.damaged`)).toEqual(damaged)
    rmSync(metaPath(folder, 1), { force: true })
  }
})

test('a full spool refuses rows, and takes them again when there is room', () => {
  const folder = folderOf()
  const writer = writerOn(folder, 2000)
  const prepared = prepareSchema(schema)
  const add = (): boolean => {
    writer.add(prepared, row('k', 1, 'x'.repeat(300)))
    return writer.commit()
  }
  while (add());
  expect(writer.state).toBe('full')
  truncateSync(segmentPath(folder, 1), 0)
  writer.measure()
  expect(writer.state).toBe('ok')
})

test('a sequence is never given out twice, also after all files are ingested', async () => {
  const folder = folderOf()
  const writer = writerOn(folder)
  writer.open()
  const { rm } = await import('node:fs/promises')
  await rm(segmentPath(folder, 1))
  const next = writerOn(folder)
  next.open()
  expect(next.sequence).toBeGreaterThan(1)
})
