import type { z } from 'zod'
import { fillPath, toQuery, type Endpoint } from '../contract/endpoint.ts'
import type { ErrorBody } from '../contract/errors.ts'
import { serverToken, serverUrl } from './env.ts'
import { Failure } from './failure.ts'

interface Target {
  url?: string
  token?: string | undefined
}

/** Calls one operation of the server and answers what it answers; a refusal becomes a Failure with its next step. */
export async function call<I extends z.ZodType, O extends z.ZodType>(
  endpoint: Endpoint<I, O>,
  input: z.input<I>,
  target: Target = {},
): Promise<z.output<O>> {
  const response = await send(endpoint, input, target)
  return (await response.json()) as z.output<O>
}

/** Sends bytes as they are, for uploads. */
export async function putBytes(
  path: string,
  body: Uint8Array<ArrayBuffer> | ReadableStream,
  target: Target = {},
): Promise<unknown> {
  const response = await request(target, path, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    body,
    duplex: 'half',
  })
  return await response.json()
}

async function send(endpoint: { path: string; method: string }, input: unknown, target: Target): Promise<Response> {
  const { path, rest } = fillPath(endpoint.path, input as Record<string, unknown>)
  const inQuery = endpoint.method === 'GET' || endpoint.method === 'DELETE'
  if (inQuery) return await request(target, path + toQuery(rest), { method: endpoint.method })
  return await request(target, path, {
    method: endpoint.method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(rest),
  })
}

async function request(target: Target, path: string, init: RequestInit & { duplex?: 'half' }): Promise<Response> {
  const url = target.url ?? serverUrl()
  const token = target.token ?? serverToken()
  const headers = {
    ...(init.headers as Record<string, string>),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
  const response = await fetch(url + path, { ...init, headers }).catch((error: unknown) => {
    throw unreachable(url, error)
  })
  if (!response.ok) throw await refusal(response, url)
  return response
}

function unreachable(url: string, cause: unknown): Failure {
  const reason = (cause as { cause?: { code?: string } }).cause?.code ?? 'no answer'
  return new Failure(`the server at ${url} does not answer (${reason})`, {
    next: 'Start it with `mainstay up`, or name another with MAINSTAY_URL; `mainstay doctor` looks closer.',
    code: 'cli.unreachable',
    cause,
  })
}

/** One of several things that are wrong with a request; of a file also where it stands. */
interface Issue {
  field: string
  problem: string
  line?: number
}

async function refusal(response: Response, url: string): Promise<Failure> {
  const text = await response.text()
  const body = parseBody(text)
  if (body === undefined) {
    return new Failure(`${url} answered ${response.status}: ${text.slice(0, 200)}`, {
      next: 'Is this address a Mainstay server?',
      status: response.status,
    })
  }
  const { code, message, next, details } = body.error
  const issues = Array.isArray(details['issues']) ? (details['issues'] as Issue[]) : []
  // The message names the first; the others follow.
  const lines = issues.slice(1, 20).map(({ line, field, problem }) => {
    const at = line === undefined ? '' : `line ${line}: `
    return `\n      ${at}${field}: ${problem}`
  })
  return new Failure(message + lines.join(''), { next, code, status: response.status })
}

function parseBody(text: string): ErrorBody | undefined {
  try {
    const value = JSON.parse(text) as Partial<ErrorBody>
    return value.error?.message === undefined ? undefined : (value as ErrorBody)
  } catch {
    return undefined
  }
}
