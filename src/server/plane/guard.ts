import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { MainstayError } from '../../contract/errors.ts'
import { isLoopback, type PlaneConfig } from './config.ts'
import type { RequestHeaders } from './predict.ts'

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']

/** Who may ask at all: by host name on loopback, by origin, by token. Throws refusals. */
export function makeGuard(config: PlaneConfig): (url: string, headers: RequestHeaders) => void {
  const tokens = config.tokensFile === null ? null : new TokenFile(config.tokensFile)
  const hosts = isLoopback(config.host) ? new Set([...LOOPBACK_NAMES, ...config.allowedHosts]) : null
  const soundHosts = new Set<string>()
  return (url, headers) => {
    const { host, origin, authorization } = headers as Record<string, string | undefined>
    if (hosts && host !== undefined && !soundHosts.has(host)) assertHost(host, hosts, soundHosts)
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`) {
      throw new MainstayError('access.foreign_origin', `requests from pages of ${origin.slice(0, 200)} are refused`)
    }
    if (tokens && !isHealth(url)) tokens.assert(authorization)
  }
}

/** A page of another site can point its own name at 127.0.0.1; the Host header then still says that name. */
function assertHost(host: string, allowed: Set<string>, sound: Set<string>): void {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  if (!allowed.has(name))
    throw new MainstayError('access.foreign_host', `'${name.slice(0, 200)}' is not a name of this server`)
  if (sound.size < 100) sound.add(host)
}

/** Probes of an orchestrator carry no token; health tells nothing but itself. */
const isHealth = (url: string): boolean => /^\/(v2\/health\/(live|ready)|ping|health)$/.test(url)

const rereadMs = 1_000

/** Digests of the tokens that may predict, as the control process keeps them in a file; a revoked one stops within a second. */
class TokenFile {
  readonly #path: string
  #digests = new Set<string>()
  #sound = new Set<string>()
  #changed = 0
  #looked = 0

  constructor(path: string) {
    this.#path = path
    this.#read()
  }

  assert(authorization: string | undefined): void {
    if (Date.now() - this.#looked > rereadMs) this.#read()
    if (authorization !== undefined && this.#sound.has(authorization)) return
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1]
    const isKnown = token !== undefined && this.#digests.has(createHash('sha256').update(token).digest('hex'))
    if (!isKnown) throw new MainstayError('access.unauthenticated', 'a valid token is needed')
    if (authorization !== undefined && this.#sound.size < 1000) this.#sound.add(authorization)
  }

  #read(): void {
    this.#looked = Date.now()
    const { mtimeMs } = statSync(this.#path)
    if (mtimeMs === this.#changed) return
    this.#changed = mtimeMs
    this.#digests = new Set(JSON.parse(readFileSync(this.#path, 'utf8')) as string[])
    this.#sound = new Set()
  }
}
