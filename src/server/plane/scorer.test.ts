import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { ScoredRow, ScorerSummary } from './scorer.ts'
import { linearModel, lookupModel, mixedModel } from '../../testkit/onnx-models.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

function runScorer(model: Buffer, rows: object[] | null, extra: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'scorer-'))
  const at = (name: string): string => join(folder, name)
  writeFileSync(at('model'), model)
  if (rows) writeFileSync(at('rows'), rows.map((row) => JSON.stringify(row)).join('\n'))
  const model_digest = createHash('sha256').update(model).digest('hex')
  const job = {
    model_url: at('model'),
    model_digest,
    signature: null,
    rows_file: rows && at('rows'),
    deadline_ms: 20_000,
    ...extra,
  }
  writeFileSync(at('job'), JSON.stringify(job))
  const result = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(root, 'src/server/plane/scorer.ts'), at('job'), at('result')],
    { encoding: 'utf8', cwd: root },
  )
  if (result.status !== 0) return { status: result.status, stderr: result.stderr, summary: undefined, rows: [] }
  const [first = '', ...lines] = readFileSync(at('result'), 'utf8').trim().split('\n')
  return {
    status: 0,
    stderr: '',
    summary: JSON.parse(first) as ScorerSummary,
    rows: lines.map((line) => JSON.parse(line) as ScoredRow),
  }
}

test('a bare graph gets a signature, and each row its own outcome', () => {
  const { summary, rows } = runScorer(mixedModel(), [{ city: 'ulm', size: 1 }, { city: 'bern', size: 2 }, { size: 2 }])
  expect(summary?.signature.inputs).toEqual([
    { name: 'city', kind: 'string', missing: false },
    { name: 'size', kind: 'float', missing: false },
  ])
  expect(rows[0]).toEqual({ row: 0, outputs: { y: 21, echo: 'ulm' }, error: null })
  expect(rows[2]?.error).toContain("column 'city' may not be missing")
  expect(summary).toMatchObject({ rows: 3, errors: 1 })
})

test('columns of a bare graph are called as somebody says, where that fits', () => {
  const names = (columns: string[]): string[] | undefined =>
    runScorer(linearModel([1, 2], 0), null, { columns }).summary?.signature.inputs.map((column) => column.name)
  expect(names(['a', 'b'])).toEqual(['a', 'b'])
  expect(names(['a', 'b', 'c'])).toEqual(['X_0', 'X_1'])
})

test('a graph that takes a fixed number of rows is refused; one at a time is served', () => {
  expect(runScorer(linearModel([1, 2], 0, 8), null).stderr).toContain('takes exactly 8 rows at once')
  expect(runScorer(linearModel([1, 2], 0, 1), [{ X_0: 1, X_1: 2 }]).rows[0]?.outputs).toEqual({ y: 5 })
})

test('rows that the model cannot compute do not end the job', () => {
  const { summary, rows } = runScorer(lookupModel(3), [{ X: 1 }, { X: 77 }, { X: 2 }])
  expect(rows.map((row) => row.outputs['y'])).toEqual([10, null, 20])
  expect(summary?.errors).toBe(1)
})

test('what cannot be loaded is told in one sentence', () => {
  const broken = runScorer(Buffer.from('not a model'), null)
  expect(broken.status).toBe(1)
  expect(broken.stderr.trim().split('\n').at(-1)).toMatch(/\w/)
  expect(runScorer(lookupModel(3), null, { model_digest: '0'.repeat(64) }).stderr).toContain('digest')
})
