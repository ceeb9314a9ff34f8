import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MainstayError } from '../../../contract/errors.ts'
import type { Cell, Signature } from '../../../contract/signature.ts'
import { childArguments } from '../../platform/analytics/child-arguments.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { temporaryFolder } from './servable.ts'

export interface ScoredRow {
  outputs: Record<string, Cell>
  error: string | null
}

export interface Scored {
  rows: ScoredRow[]
  loadMs: number
  p99Ms: number | null
}

const deadlineMs = 120_000

/**
 * Scores rows with a model that is not served, in a process of its own: whatever the model does, it does not do
 * it here. A row that the model cannot compute is an error of that row; a model that cannot load rejects.
 */
export async function scoreRows(
  ctx: Ctx,
  home: string,
  model: { onnxDigest: string; signature: Signature },
  rows: readonly Record<string, unknown>[],
): Promise<Scored> {
  const work = await temporaryFolder(home, 'score-')
  try {
    const names = model.signature.inputs.map((column) => column.name)
    const lines = rows.map((row) => JSON.stringify(Object.fromEntries(names.map((name) => [name, row[name] ?? null]))))
    const [rowsFile, job, result] = ['rows.ndjson', 'job.json', 'result.ndjson'].map((name) =>
      join(work.path, name),
    ) as [string, string, string]
    await writeFile(rowsFile, lines.join('\n'))
    await writeFile(
      job,
      JSON.stringify({
        model_url: ctx.blobs.urlOf(model.onnxDigest),
        model_digest: model.onnxDigest,
        signature: model.signature,
        rows_file: rowsFile,
        deadline_ms: deadlineMs,
      }),
    )
    await runScorer(job, result)
    const [first = '{}', ...rest] = (await readFile(result, 'utf8')).split('\n').filter((line) => line !== '')
    const summary = JSON.parse(first) as { load_ms: number; p99_ms: number | null }
    return { rows: rest.map((line) => JSON.parse(line) as ScoredRow), loadMs: summary.load_ms, p99Ms: summary.p99_ms }
  } finally {
    await work.remove()
  }
}

function runScorer(job: string, result: string): Promise<void> {
  const extension = extname(import.meta.url)
  const entry = fileURLToPath(new URL(`../../plane/scorer${extension}`, import.meta.url))
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...childArguments(entry), entry, job, result], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let complaint = ''
    child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2_000)))
    child.on('error', reject)
    child.on('exit', (code) => {
      if (code === 0) resolve()
      else
        reject(
          new MainstayError(
            'serving.model_failed',
            complaint.trim() === '' ? `the scorer ended with ${code}` : complaint.trim(),
          ),
        )
    })
  })
}
