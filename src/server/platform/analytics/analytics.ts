import { fork, type ChildProcess } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MainstayError } from '../../../contract/errors.ts'
import type { Logger } from '../log.ts'
import { childArguments } from './child-arguments.ts'
import type { AnalyticsReply, AnalyticsRequest, ConvertedFile } from './protocol.ts'

interface Waiting {
  resolve(value: unknown): void
  reject(error: Error): void
}

const idleMs = 60_000

/**
 * DuckDB in a process of its own, started on demand and ended when idle: heavy scans and result conversion
 * stay off the control process's event loop, and its memory goes back to the machine.
 */
export class Analytics implements AsyncDisposable {
  readonly #log: Logger
  readonly #temporary: string
  #child: ChildProcess | undefined
  #waiting = new Map<number, Waiting>()
  #next = 1
  #idle: NodeJS.Timeout | undefined

  constructor(log: Logger, temporary: string) {
    this.#log = log
    this.#temporary = temporary
  }

  async query<T>(sql: string): Promise<T[]> {
    return (await this.#ask({ op: 'query', sql })) as T[]
  }

  /** Writes the result of a query to a file. */
  async copy(sql: string, file: string, format: 'parquet' | 'csv' | 'json'): Promise<void> {
    await this.#ask({ op: 'copy', sql, file, format })
  }

  /** Turns one sealed spool segment into a Parquet file per endpoint. */
  async convert(segment: string, folder: string): Promise<ConvertedFile[]> {
    return (await this.#ask({ op: 'convert', segment, folder })) as ConvertedFile[]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#idle)
    const child = this.#child
    if (!child) return
    this.#child = undefined
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve())
      child.kill('SIGKILL')
    })
  }

  #ask(request: AnalyticsRequest): Promise<unknown> {
    const child = (this.#child ??= this.#start())
    clearTimeout(this.#idle)
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      child.send({ id, request }, (error) => {
        if (error) this.#settle({ id, error: error.message })
      })
    })
  }

  #start(): ChildProcess {
    const entry = fileURLToPath(new URL(`./child${extname(import.meta.url)}`, import.meta.url))
    const child = fork(entry, [this.#temporary], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
      execArgv: childArguments(entry),
    })
    child.on('message', (reply) => this.#settle(reply as AnalyticsReply))
    child.on('exit', (code, signal) => {
      if (this.#child === child) this.#child = undefined
      const waiting = [...this.#waiting.values()]
      this.#waiting.clear()
      if (waiting.length > 0)
        this.#log.warn({ code, signal, waiting: waiting.length }, 'analytics ended with work in hand')
      for (const { reject } of waiting)
        reject(new MainstayError('platform.unavailable', 'the analytics process ended; the work is tried again'))
    })
    return child
  }

  #settle(reply: AnalyticsReply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('error' in reply) waiting?.reject(new Error(`analytics: ${reply.error}`))
    else waiting?.resolve(reply.result)
    if (this.#waiting.size === 0) {
      this.#idle = setTimeout(() => void this[Symbol.asyncDispose](), idleMs)
      this.#idle.unref()
    }
  }
}
