import { spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ScorerJob } from '../../../contract/plane.ts'
import { childArguments } from '../analytics/child-arguments.ts'

const deadlineMs = 120_000

/** Somebody else killed it, which says nothing about the model. */
export class ScorerKilled extends Error {
  override name = 'ScorerKilled'
}

/**
 * Runs a model that nobody vetted in a process of its own: whatever it does, it does not do it here. Answers the lines
 * that the scorer wrote into the folder: a summary, then the rows. Throws its complaint if the model cannot be loaded.
 */
export async function runScorer(folder: string, job: Omit<ScorerJob, 'deadline_ms'>): Promise<string[]> {
  const [jobFile, result] = [join(folder, 'job.json'), join(folder, 'result.ndjson')]
  await writeFile(jobFile, JSON.stringify({ ...job, deadline_ms: deadlineMs } satisfies ScorerJob))
  const entry = fileURLToPath(new URL(`../../plane/scorer${extname(import.meta.url)}`, import.meta.url))
  const child = spawn(process.execPath, [...childArguments(entry), entry, jobFile, result], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2_000)))
  const end = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(signal ?? code))
  })
  if (end === 'SIGKILL' && complaint === '') throw new ScorerKilled('the process that tries the model was killed')
  if (end !== 0) throw new Error(complaint.trim() || `the model ended the process that tried it (${end})`)
  return (await readFile(result, 'utf8')).split('\n').filter((line) => line !== '')
}
