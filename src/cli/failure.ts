/** What the command line says when it cannot do its work: a sentence, and what to do next. */
export class Failure extends Error {
  readonly next: string | undefined
  /** 1: it did not work; 2: it was asked wrongly. */
  readonly exitCode: 1 | 2
  readonly code: string | undefined
  readonly status: number | undefined

  constructor(
    message: string,
    options: { next?: string; exitCode?: 1 | 2; code?: string; status?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.next = options.next
    this.exitCode = options.exitCode ?? 1
    this.code = options.code
    this.status = options.status
  }
}

export const usage = (message: string, next?: string): Failure =>
  new Failure(message, { exitCode: 2, ...(next === undefined ? {} : { next }) })
