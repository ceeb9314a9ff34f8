import { spawn } from 'node:child_process'
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { Difference } from '../../../contract/registry.ts'
import { Signature } from '../../../contract/signature.ts'
import { runScorer, ScorerKilled } from '../../platform/compute/scorer.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { giveWay, niceness } from '../../platform/priority.ts'
import type { Manifest } from '../artifacts/module.ts'

const longestMs = 120_000
const largestBytes = 4 * 1024 ** 3
const shownOutput = 2_000
const largestAnswer = 4 * 1024 ** 2

/** What the worker writes at its end. */
const WorkerResult = z.object({
  state: z.enum(['ready', 'failed', 'not_exportable']),
  reason: z.string().nullable(),
  signature: Signature.nullable(),
  difference: Difference.nullable(),
  columns: z.array(z.string()).optional(),
})

export type ExportResult = Omit<z.infer<typeof WorkerResult>, 'columns'> & { onnx: string | null }

/** The program (a folder that Python runs) lies beside the sources and beside the build alike. */
function programPath(): string {
  return fileURLToPath(new URL('../../../../sdk/python', import.meta.url))
}

/**
 * Exports a tree in a process of its own. The model's code may do anything there: it has no secret in its
 * environment, bounded time and memory, and only its answer file and its ONNX file are looked at. An ONNX file alone
 * needs no Python: where that cannot read it the runtime that would serve it has a try.
 */
export async function exportTree(ctx: Ctx, python: string, manifest: Manifest): Promise<ExportResult> {
  const result = await inFolder((folder) => exportInPython(ctx, python, manifest, folder))
  const [file, ...others] = manifest.files
  const isGraph = file?.path.endsWith('.onnx') === true && others.length === 0
  if (result.state !== 'not_exportable' || !isGraph) return result
  const read = await tryGraph(ctx, file.digest, { signature: null, columns: [] })
  if ('refusal' in read) return result
  const skipped = read.skipped.join(', ')
  const reason =
    skipped === '' ? null : `${skipped} is no tensor and is left out; a Python with onnx keeps it (MAINSTAY_PYTHON)`
  return { state: 'ready', reason, signature: read.signature, difference: noDifference, onnx: file.digest }
}

/** One process, one folder: what a model's code left in one is met by nobody. */
async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'mainstay-export-'))
  try {
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const Summary = z.object({ signature: Signature, graph: z.object({ skippedOutputs: z.array(z.string()) }) })

interface Tried {
  signature: Signature
  /** Outputs that are no tensors. */
  skipped: string[]
}

/** Loads a graph as the data plane would, so that what is registered as deployable is; without a signature by its own. */
async function tryGraph(
  ctx: Ctx,
  digest: string,
  known: Pick<z.infer<typeof WorkerResult>, 'signature' | 'columns'>,
): Promise<Tried | { refusal: string }> {
  const { signature, columns } = known
  const job = { model_url: ctx.blobs.urlOf(digest), model_digest: digest, signature, columns, rows_file: null }
  try {
    const [first = '{}'] = await inFolder((folder) => runScorer(folder, job))
    const summary = Summary.parse(JSON.parse(first))
    return { signature: summary.signature, skipped: summary.graph.skippedOutputs }
  } catch (error) {
    if (error instanceof ScorerKilled) throw error
    return { refusal: error instanceof Error ? error.message : 'the data plane cannot load it' }
  }
}

const noDifference = { max_abs: 0, max_rel: 0, rows: 0, tolerance: 1e-3 }

async function exportInPython(ctx: Ctx, python: string, manifest: Manifest, folder: string): Promise<ExportResult> {
  await layOut(ctx, manifest, join(folder, 'model'))
  const failure = await run(python, folder)
  if (failure !== undefined) return notExportable(failure)
  const answer = join(folder, 'result.json')
  const onnx = join(folder, 'model.onnx')
  if (!(await isPlainFile(answer, largestAnswer))) return notExportable('the export ended without a result')
  const result = readResult(await readFile(answer, 'utf8'))
  if (result === undefined) return notExportable('the export wrote a result that is not one')
  if (result.state !== 'ready') {
    const { state, reason, signature, difference } = result
    return { state, reason, signature, difference, onnx: null }
  }
  if (!(await isPlainFile(onnx, largestBytes))) return notExportable('the export ended without an ONNX file')
  const { digest } = await ctx.blobs.put(createReadStream(onnx))
  const tried = await tryGraph(ctx, digest, result)
  if ('refusal' in tried) return notExportable(tried.refusal)
  const { state, reason, difference } = result
  return { state, reason, difference, signature: tried.signature, onnx: digest }
}

/** The model's code could leave a link there, or fill the disk; neither is followed nor read. */
async function isPlainFile(path: string, largest: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  return found?.isFile() === true && found.size <= largest
}

const AnswerFile = z.string().transform((json, refuse) => {
  try {
    return JSON.parse(json) as unknown
  } catch (error) {
    refuse.addIssue({ code: 'custom', message: String(error) })
    return z.NEVER
  }
})

function readResult(text: string): z.infer<typeof WorkerResult> | undefined {
  return AnswerFile.pipe(WorkerResult).safeParse(text).data
}

export const notExportable = (reason: string): ExportResult => ({
  state: 'not_exportable',
  reason,
  signature: null,
  difference: null,
  onnx: null,
})

/** A folder as the model was logged: links where the store is a folder of this machine, copies elsewhere. */
async function layOut(ctx: Ctx, manifest: Manifest, root: string): Promise<void> {
  await mkdir(root, { recursive: true })
  for (const file of manifest.files) {
    const target = join(root, file.path)
    await mkdir(dirname(target), { recursive: true })
    const url = ctx.blobs.urlOf(file.digest)
    if (url.startsWith('file:')) await symlink(fileURLToPath(url), target)
    else await pipeline(await ctx.blobs.open(file.digest), createWriteStream(target))
  }
}

/** Returns why it failed, or undefined. */
function run(python: string, folder: string): Promise<string | undefined> {
  const path = ['/usr/local/bin', '/usr/bin', '/bin', ...(python.includes('/') ? [dirname(python)] : [])].join(':')
  const child = spawn(python, ['-IB', programPath(), folder, String(largestBytes)], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: path, HOME: folder, TMPDIR: folder, LANG: 'C.UTF-8', OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' },
  })
  if (child.pid !== undefined) giveWay(child.pid, niceness.work)
  let output = ''
  const keep = (chunk: Buffer): void => void (output = (output + chunk.toString()).slice(-shownOutput))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  return new Promise((resolve, reject) => {
    let late = false
    const timer = setTimeout(() => {
      late = true
      // The whole group: the model's code may have started children.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
    }, longestMs)
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve(
        `${python} could not be started (${error.message}); set MAINSTAY_PYTHON to a Python with skl2onnx and onnxruntime`,
      )
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (late) resolve(`the export took longer than ${longestMs / 1000} s`)
      // Somebody else killed it: that says nothing about the model, so the job is tried again.
      else if (signal === 'SIGKILL') reject(new Error('the export process was killed'))
      else if (code !== 0)
        resolve(`the export process ended with ${signal ?? `code ${code}`}: ${output.trim().split('\n').at(-1) ?? ''}`)
      else resolve(undefined)
    })
  })
}
