import { Agent, request as httpRequest } from 'node:http'
import { Agent as TlsAgent, request as httpsRequest } from 'node:https'

export interface Answer {
  status: number
  /** The refusal's sentence; empty when the prediction was made. */
  error: string
}

/** Sends predictions over connections that stay open. */
export class Predictor {
  readonly #agent: Agent
  readonly #isTls: boolean
  readonly #token: string | undefined

  constructor(url: string, connections: number, token: string | undefined) {
    this.#isTls = url.startsWith('https:')
    const options = { keepAlive: true, maxSockets: connections }
    this.#agent = this.#isTls ? new TlsAgent(options) : new Agent(options)
    this.#token = token
  }

  /**
   * One prediction. While no data plane answers (it may be starting again) and while it says when to come back, the same
   * id is sent again: an id names one prediction, so a repeat changes nothing.
   */
  async predict(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
    let answer = await this.#send(url, body, headers)
    for (let tries = 0; tries < 8 && answer.retryMs !== undefined; tries += 1) {
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(2_000, answer.retryMs ?? 0) * (answer.status === 0 ? 1 + tries : 1)),
      )
      answer = await this.#send(url, body, headers)
    }
    return { status: answer.status, error: answer.error }
  }

  #send(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Answer & { retryMs?: number }> {
    return new Promise((resolve) => {
      const sent = (this.#isTls ? httpsRequest : httpRequest)(
        url,
        {
          method: 'POST',
          agent: this.#agent,
          timeout: 60_000,
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': Buffer.byteLength(body),
            ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
          },
        },
        (response) => {
          const chunks: Buffer[] = []
          response.on('data', (chunk: Buffer) => chunks.push(chunk))
          response.on('error', (error) => resolve({ status: 0, error: error.message, retryMs: 200 }))
          response.on('end', () =>
            resolve(toAnswer(response.statusCode ?? 0, Buffer.concat(chunks), response.headers['retry-after'])),
          )
        },
      )
      sent.on('timeout', () => sent.destroy(new Error('no answer within 60 s')))
      sent.on('error', (error) => resolve({ status: 0, error: error.message, retryMs: 200 }))
      sent.end(body)
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

function toAnswer(status: number, body: Buffer, retryAfter: string | undefined): Answer & { retryMs?: number } {
  if (status < 400) return { status, error: '' }
  const answer = { status, error: errorOf(body) }
  return status === 503 && retryAfter !== undefined ? { ...answer, retryMs: Number(retryAfter) * 1_000 || 200 } : answer
}

function errorOf(body: Buffer): string {
  const text = body.toString('utf8')
  try {
    const { error } = JSON.parse(text) as { error?: unknown }
    if (typeof error === 'string') return error
    return (error as { message?: string } | undefined)?.message ?? text.slice(0, 300)
  } catch {
    return text.slice(0, 300)
  }
}
