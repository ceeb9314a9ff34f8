import type { Worker } from 'node:worker_threads'
import type { Signature } from '../../../contract/signature.ts'
import type { Layout, RowBlock } from '../../compat/oip/layout.ts'
import { Graph, failRow, noteError, type Stretch } from './graph.ts'
import { isInline, type Measured } from './measure.ts'
import { siblingModule, startThread } from './thread.ts'
import type { WorkerInput, WorkerMessage, WorkRequest } from './worker-thread.ts'

/** Thrown away work: the thread died or was stopped while these rows were in it. */
class ModelCrash extends Error {
  override name = 'ModelCrash'
}

/** Threads that never came back from a run keep their core; with this many of them no other is started. */
const MAX_HUNG = 2

/** A model in a worker thread of its own: one batch at a time, started again with backoff when it dies or hangs. */
export class WorkerModel {
  readonly kind = 'worker'
  readonly layout: Layout
  measured: Measured | undefined
  onReady: () => void = () => {}
  readonly #input: WorkerInput
  #worker: Worker | undefined
  #isReady = false
  #isDisposed = false
  #crashes = 0
  #hung = 0
  #inFlight: { id: number; stretches: readonly Stretch[]; settle: (error?: Error) => void } | undefined
  #nextId = 1

  constructor(bytes: Uint8Array, signature: Signature, layout: Layout) {
    this.#input = { bytes, signature }
    this.layout = layout
  }

  get isReady(): boolean {
    return this.#isReady
  }

  /** Resolves once the thread has loaded, vetted and measured the model; rejects with the reason it was refused. */
  start(): Promise<Measured> {
    return new Promise((resolve, reject) => {
      const worker = startThread(siblingModule(import.meta.url, 'worker-thread'), { workerData: this.#input })
      this.#worker = worker
      worker.on('message', (message: WorkerMessage) => {
        if (message.type === 'scored') return this.#finish(message)
        if (message.type === 'refused') return reject(new Error(message.error))
        this.measured = message.measured
        this.#isReady = true
        resolve(message.measured)
        this.onReady()
      })
      worker.on('error', (error) => reject(error))
      worker.on('exit', (code) => {
        reject(new Error(`the model's thread ended with code ${code} while it was loading`))
        this.#lose(worker, `ended with code ${code}`)
      })
    })
  }

  #lose(worker: Worker, why: string): void {
    if (worker !== this.#worker) return
    const wasReady = this.#isReady
    this.#isReady = false
    this.#worker = undefined
    const work = this.#inFlight
    this.#inFlight = undefined
    work?.settle(new ModelCrash(`the model's thread ${why}`))
    if (!wasReady && this.#crashes === 0) return
    this.#restartLater()
  }

  #restartLater(): void {
    if (this.#isDisposed || this.#hung >= MAX_HUNG) return
    const delay = Math.min(30_000, 200 * 2 ** this.#crashes++)
    setTimeout(() => {
      if (!this.#isDisposed) this.start().catch(() => {})
    }, delay).unref()
  }

  /**
   * Gives up on a run that does not return: its rows fail and another thread takes over. Native code cannot be
   * interrupted, so the old thread ends when its run does, if ever.
   */
  abandon(): void {
    const worker = this.#worker
    if (!worker) return
    this.#hung++
    worker.once('exit', () => {
      if (this.#hung-- === MAX_HUNG) this.#restartLater()
    })
    void worker.terminate()
    this.#lose(worker, 'does not return from a run')
  }

  score(stretches: readonly Stretch[]): Promise<void> {
    const worker = this.#worker
    if (!worker || !this.#isReady) return Promise.reject(new ModelCrash("the model's thread is starting"))
    const id = this.#nextId++
    const request: WorkRequest = { id, block: joinBlocks(stretches, this.layout) }
    return new Promise((resolve, reject) => {
      this.#inFlight = { id, stretches, settle: (error) => (error ? reject(error) : resolve()) }
      worker.postMessage(request)
    })
  }

  #finish(message: Extract<WorkerMessage, { type: 'scored' }>): void {
    const work = this.#inFlight
    if (work?.id !== message.id) return
    this.#inFlight = undefined
    this.#crashes = 0
    const failed = new Set(message.failedRows)
    let at = 0
    for (const stretch of work.stretches) {
      for (let row = stretch.from; row < stretch.to; row++, at++) {
        copyRow(message.out, at, stretch.out, row, this.layout)
        const error = message.errors?.[at] ?? null
        if (failed.has(at)) failRow(stretch, row, error ?? 'failed', this.layout)
        else if (error !== null) noteError(stretch, row, error)
      }
    }
    work.settle()
  }

  /** Ends the thread; used by tests to see that its requests fail and it comes back. */
  async terminate(): Promise<void> {
    await this.#worker?.terminate()
  }

  dispose(): void {
    this.#isDisposed = true
    void this.#worker?.terminate()
  }
}

/** A model small enough to run on the plane's own event loop. */
export class InlineModel {
  readonly kind = 'inline'
  readonly layout: Layout
  readonly measured: Measured
  readonly isReady = true
  readonly #graph: Graph

  constructor(graph: Graph, measured: Measured) {
    this.#graph = graph
    this.layout = graph.layout
    this.measured = measured
  }

  scoreNow(stretches: readonly Stretch[]): void {
    this.#graph.score(stretches)
  }

  dispose(): void {
    this.#graph.dispose()
  }
}

export type Model = WorkerModel | InlineModel

/**
 * Loads in a worker first; what proves small and fast is loaded again on this thread and the worker ends. With what the
 * same graph has `proved` before there is no worker: a plane with many models must be back soon after it was killed.
 */
export async function loadModel(
  bytes: Uint8Array,
  signature: Signature,
  layout: Layout,
  proved?: Measured,
): Promise<Model> {
  if (proved && isInline(proved) && !mayLoop(bytes)) return inlineModel(bytes, layout, proved)
  const worker = new WorkerModel(bytes, signature, layout)
  try {
    const measured = await worker.start()
    if (!isInline(measured) || mayLoop(bytes)) return worker
    const model = inlineModel(bytes, layout, measured)
    worker.dispose()
    return model
  } catch (error) {
    worker.dispose()
    throw error
  }
}

function inlineModel(bytes: Uint8Array, layout: Layout, measured: Measured): InlineModel {
  const graph = new Graph(bytes, layout)
  graph.isBatched = measured.isBatched
  return new InlineModel(graph, measured)
}

/** An operator whose rounds depend on the data: one row may take forever, and must not take the event loop with it. */
function mayLoop(bytes: Uint8Array): boolean {
  const graph = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return graph.includes('\x22\x04Loop') || graph.includes('\x22\x04Scan')
}

function joinBlocks(stretches: readonly Stretch[], layout: Layout): RowBlock {
  const [first] = stretches
  if (stretches.length === 1 && first && first.from === 0 && first.to === first.block.n) return first.block
  const { numWidth, strWidth } = layout.inputs
  const joined: RowBlock = { n: 0, num: [], str: [] }
  for (const { block, from, to } of stretches) {
    joined.n += to - from
    for (let i = from * numWidth; i < to * numWidth; i++) joined.num.push(block.num[i] as number)
    for (let i = from * strWidth; i < to * strWidth; i++) joined.str.push(block.str[i] ?? null)
  }
  return joined
}

function copyRow(from: RowBlock, fromRow: number, to: RowBlock, toRow: number, layout: Layout): void {
  const { numWidth, strWidth } = layout.outputs
  for (let i = 0; i < numWidth; i++) to.num[toRow * numWidth + i] = from.num[fromRow * numWidth + i] ?? NaN
  for (let i = 0; i < strWidth; i++) to.str[toRow * strWidth + i] = from.str[fromRow * strWidth + i] ?? null
}
