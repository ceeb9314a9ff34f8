import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { MainstayError } from '../../../contract/errors.ts'
import type { Cell, Signature } from '../../../contract/signature.ts'
import { runScorer } from '../../platform/compute/scorer.ts'
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

/**
 * Scores rows with a model that is not served, in a process of its own. A row that the model cannot compute is an error
 * of that row; a model that cannot load rejects.
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
    const rowsFile = join(work.path, 'rows.ndjson')
    await writeFile(rowsFile, lines.join('\n'))
    const [first = '{}', ...rest] = await runScorer(work.path, {
      model_url: ctx.blobs.urlOf(model.onnxDigest),
      model_digest: model.onnxDigest,
      signature: model.signature,
      rows_file: rowsFile,
    }).catch((error: unknown) => {
      const complaint = error instanceof Error ? error.message : String(error)
      throw new MainstayError('serving.model_failed', complaint, {}, { cause: error })
    })
    const summary = JSON.parse(first) as { load_ms: number; p99_ms: number | null }
    return { rows: rest.map((line) => JSON.parse(line) as ScoredRow), loadMs: summary.load_ms, p99Ms: summary.p99_ms }
  } finally {
    await work.remove()
  }
}
