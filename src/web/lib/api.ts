import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import {
  fillPath,
  toQuery,
  type Endpoint,
  type Input,
  type Output,
  type StreamEndpoint,
} from '../../contract/endpoint.ts'

/** What the server refused, with the sentence that says what to do next. */
export class ApiError extends Error {
  readonly status: number
  readonly code: string
  readonly next: string
  readonly details: Readonly<Record<string, unknown>>

  constructor(status: number, code: string, message: string, next: string, details: Readonly<Record<string, unknown>>) {
    super(message)
    this.status = status
    this.code = code
    this.next = next
    this.details = details
  }
}

interface WireError {
  error?: { code?: string; message?: string; next?: string; details?: Record<string, unknown> }
}

async function refusal(response: Response): Promise<ApiError> {
  const text = await response.text()
  const body: WireError = response.headers.get('content-type')?.includes('json') ? (JSON.parse(text) as WireError) : {}
  return new ApiError(
    response.status,
    body.error?.code ?? `http.${response.status}`,
    body.error?.message ?? (text.slice(0, 300) || `The server answered ${response.status}.`),
    body.error?.next ?? 'Try again; the server’s log says more.',
    body.error?.details ?? {},
  )
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause
    throw new ApiError(
      0,
      'web.unreachable',
      'The server does not answer.',
      'Check that `mainstay up` is running, then retry.',
      {},
    )
  }
}

/** The module that owns an endpoint or an event: what stands before the first dot. */
export const moduleOf = (id: string): string => id.split('.', 1)[0] ?? id

/** Calls one endpoint of the contract and returns its parsed output. */
export async function call<E extends Endpoint>(endpoint: E, input: Input<E>, signal?: AbortSignal): Promise<Output<E>> {
  const { path, rest } = fillPath(endpoint.path, input ?? {})
  const isRead = endpoint.method === 'GET'
  const response = await reach(isRead ? path + toQuery(rest) : path, {
    method: endpoint.method,
    headers: { accept: 'application/json', ...(isRead ? {} : { 'content-type': 'application/json' }) },
    ...(isRead ? {} : { body: JSON.stringify(rest) }),
    ...(signal ? { signal } : {}),
  })
  if (!response.ok) throw await refusal(response)
  return endpoint.output.parse(response.status === 204 ? undefined : await response.json()) as Output<E>
}

/** Query options for one read; what is already on the screen stays while it is fetched anew. */
export function read<E extends Endpoint>(endpoint: E, input: Input<E>) {
  return queryOptions({
    queryKey: [moduleOf(endpoint.id), endpoint.id, input] as const,
    queryFn: ({ signal }) => call(endpoint, input, signal),
  })
}

/** A write; afterwards every query of the endpoint's module is stale. */
export function useWrite<E extends Endpoint>(endpoint: E) {
  const client = useQueryClient()
  return useMutation<Output<E>, ApiError, Input<E>>({
    mutationFn: (input) => call(endpoint, input),
    onSuccess: () => client.invalidateQueries({ queryKey: [moduleOf(endpoint.id)] }),
  })
}

/** The same call for a shell: `copy as curl`. */
export function asCurl<E extends Endpoint>(endpoint: E, input: Input<E>, origin: string): string {
  const { path, rest } = fillPath(endpoint.path, input ?? {})
  if (endpoint.method === 'GET') return `curl '${origin}${path}${toQuery(rest)}'`
  return `curl -X ${endpoint.method} '${origin}${path}' -H 'content-type: application/json' -d '${JSON.stringify(rest).replaceAll("'", "'\\''")}'`
}

/** Query options for a stream of JSON lines: each line one row. */
export function readRows<E extends StreamEndpoint>(endpoint: E, input: Input<E>) {
  return queryOptions({
    queryKey: [moduleOf(endpoint.id), endpoint.id, input] as const,
    queryFn: async ({ signal }): Promise<readonly Readonly<Record<string, unknown>>[]> => {
      const response = await reach(addressOf(endpoint, input), { signal })
      if (!response.ok) throw await refusal(response)
      const lines = (await response.text()).split('\n').filter((line) => line.trim() !== '')
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
    },
  })
}

/** Where the bytes of a stream are, for a link that saves them. */
export function addressOf<E extends StreamEndpoint>(endpoint: E, input: Input<E>): string {
  const { path, rest } = fillPath(endpoint.path, input ?? {})
  return path + toQuery(rest)
}
