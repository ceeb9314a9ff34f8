import type { FastifyRequest } from 'fastify'
import { MainstayError } from '../../contract/errors.ts'
import { sessionOf } from './session.ts'

const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase()
}

/**
 * Open on loopback is not open to web pages: the Host header must name this server (else a page could
 * rebind its own name to 127.0.0.1), and a write from a browser must come from our own pages. A page that
 * rebinds its name has no session there, so `hosts` is undefined where a token is demanded.
 */
export function assertOwnPage(request: FastifyRequest, hosts: ReadonlySet<string> | undefined): void {
  const host = request.headers.host ?? ''
  if (countOf(request, 'host') > 1) throw new MainstayError('request.malformed_http', 'the request names two hosts')
  if (hosts && !hosts.has(hostName(host))) {
    throw new MainstayError(
      'access.foreign_host',
      `this server does not answer to the host name “${host.slice(0, 100)}”`,
    )
  }
  const origin = request.headers.origin
  if (safeMethods.has(request.method)) return
  if (origin === undefined) {
    if (sessionOf(request.headers.cookie) === undefined) return
    throw new MainstayError('access.foreign_origin', 'a write of a browser’s session must name the page it comes from')
  }
  if (origin !== `http://${host}` && origin !== `https://${host}`) {
    throw new MainstayError('access.foreign_origin', `a page of ${origin.slice(0, 100)} may not write to this server`)
  }
}

/** Node keeps the first of two Host headers; what stands before this server may have gone by the other. */
function countOf(request: FastifyRequest, name: string): number {
  return request.raw.rawHeaders.filter((text, i) => i % 2 === 0 && text.toLowerCase() === name).length
}

export function allowedHostNames(listenHost: string, more: readonly string[]): ReadonlySet<string> {
  return new Set(['127.0.0.1', 'localhost', '[::1]', listenHost, ...more].map((name) => name.toLowerCase()))
}

const deepest = 64

/** Refuses JSON nested so deeply that parsing or walking it would exhaust the stack. */
function assertShallow(text: string): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charCodeAt(i)
    if (inString) {
      if (c === 92) i += 1
      else if (c === 34) inString = false
    } else if (c === 34) inString = true
    else if (c === 91 || c === 123) {
      depth += 1
      if (depth > deepest)
        throw new MainstayError('request.too_deep', `the body is nested more than ${deepest} levels deep`)
    } else if (c === 93 || c === 125) depth -= 1
  }
}

export function parseJson(text: string): unknown {
  assertShallow(text)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new MainstayError(
      'request.malformed_json',
      `the body is not JSON: ${error instanceof Error ? error.message : 'unreadable'}`,
      {},
      { cause: error },
    )
  }
}
