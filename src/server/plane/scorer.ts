/**
 * One-shot process that scores rows with a model nobody vetted yet (gates, replay, registration): whatever the model does,
 * it does not do it to control or the plane. argv: JOB RESULT. Exits with 1 and one sentence if the model cannot load.
 */
import { closeSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { ScorerJob } from '../../contract/plane.ts'
import type { Cell, Signature } from '../../contract/signature.ts'
import { emptyBlock, setCell } from '../compat/oip/cells.ts'
import { compileLayout, type Layout } from '../compat/oip/layout.ts'
import { recordOf } from '../compat/oip/scoring.ts'
import { isObject, own } from '../compat/oip/json.ts'
import { deriveSignature } from './derive-signature.ts'
import { readObject } from './objects.ts'
import { loadMeasured } from './runtime/measure.ts'
import type { Graph, Stretch } from './runtime/graph.ts'

/** First line of the result. */
export interface ScorerSummary {
  load_ms: number
  /** Processor time of one-row runs on the job's rows, which a busy machine does not stretch; null without rows. */
  p50_ms: number | null
  p99_ms: number | null
  rows: number
  errors: number
  signature: Signature
  graph: Graph['info']
  is_batched: boolean
}

/** The lines after it, in the order of the rows. */
export interface ScoredRow {
  row: number
  outputs: Record<string, Cell>
  error: string | null
}

/** A graph that hangs blocks this thread in native code, so the deadline is another thread's. */
function startWatchdog(ms: number): void {
  const code = `setTimeout(() => { require('fs').writeSync(2, 'the model did not finish within ${ms} ms\\n'); process.kill(process.pid, 'SIGKILL') }, ${ms})`
  new Worker(code, { eval: true, execArgv: [] }).unref()
}

async function main(): Promise<void> {
  const [jobPath, resultPath] = process.argv.slice(2)
  if (!jobPath || !resultPath) throw new Error('usage: scorer JOB RESULT')
  const job = ScorerJob.parse(JSON.parse(readFileSync(jobPath, 'utf8')))
  startWatchdog(job.deadline_ms)
  const bytes = await readObject(job.model_url, job.model_digest, { home: '', cache: `${resultPath}.cache` })
  const signature = job.signature ?? deriveSignature(bytes, job.columns)
  const layout = compileLayout(signature)
  const { graph, measured } = loadMeasured(bytes, layout)
  const lines =
    job.rows_file === null
      ? []
      : readFileSync(job.rows_file, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
  const { scored, times } = scoreRows(graph, layout, lines)
  times.sort((a, b) => a - b)
  const at = (share: number): number | null =>
    times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? null
  const summary: ScorerSummary = {
    load_ms: measured.loadMs,
    p50_ms: at(0.5),
    p99_ms: at(0.99),
    rows: scored.length,
    errors: scored.filter((row) => row.error !== null).length,
    signature,
    graph: graph.info,
    is_batched: measured.isBatched,
  }
  writeResult(resultPath, summary, scored)
}

/** Milliseconds that this process has computed, nothing else in it but the scoring. */
function processorMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Row by row: each has its own time and its own error. */
function scoreRows(graph: Graph, layout: Layout, lines: string[]): { scored: ScoredRow[]; times: number[] } {
  const times: number[] = []
  const scored = lines.map((line, row): ScoredRow => {
    const block = emptyBlock(layout.inputs, 1)
    const stretch: Stretch = { block, from: 0, to: 1, out: emptyBlock(layout.outputs, 1), errors: null, failed: 0 }
    try {
      readRow(JSON.parse(line), layout, stretch)
    } catch (error) {
      return {
        row,
        outputs: recordOf(layout.outputs, stretch.out, 0),
        error: `the row does not fit the signature: ${(error as Error).message}`,
      }
    }
    const start = processorMs()
    graph.score([stretch])
    times.push(processorMs() - start)
    return { row, outputs: recordOf(layout.outputs, stretch.out, 0), error: stretch.errors?.[0] ?? null }
  })
  return { scored, times }
}

function readRow(value: unknown, layout: Layout, stretch: Stretch): void {
  if (!isObject(value)) throw new Error('it is not an object')
  for (const [index, column] of layout.inputs.columns.entries())
    setCell(layout.inputs, stretch.block, 0, index, own(value, column.name) ?? null)
}

function writeResult(path: string, summary: ScorerSummary, scored: ScoredRow[]): void {
  const fd = openSync(`${path}.tmp`, 'w', 0o600)
  writeSync(fd, `${JSON.stringify(summary)}\n`)
  for (let i = 0; i < scored.length; i += 1000) {
    writeSync(
      fd,
      scored
        .slice(i, i + 1000)
        .map((row) => `${JSON.stringify(row)}\n`)
        .join(''),
    )
  }
  closeSync(fd)
  renameSync(`${path}.tmp`, path)
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).message.split('\n', 1)[0]}\n`)
    process.exit(1)
  },
)
