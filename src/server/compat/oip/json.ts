import { isUtf8 } from 'node:buffer'
import { MainstayError } from '../../../contract/errors.ts'

const MAX_DEPTH = 64
/** More than rows can be asked for at once; each costs the parser a hundred times its two bytes. */
const MAX_CONTAINERS = 200_000

/**
 * Refuses deep nesting and a flood of arrays and objects before JSON.parse sees them: it would hold the thread for
 * seconds, or overflow the stack. Brackets inside strings do not count.
 */
export function assertShallow(body: Uint8Array): void {
  if (hasFewBrackets(body)) return
  let depth = 0
  let containers = 0
  let inString = false
  for (let i = 0; i < body.length; i++) {
    const byte = body[i]
    if (inString) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) inString = false
    } else if (byte === 0x22) inString = true
    else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > MAX_DEPTH)
        throw new MainstayError('request.too_deep', `the JSON body is nested deeper than ${MAX_DEPTH} levels`)
      if (++containers > MAX_CONTAINERS)
        throw new MainstayError('request.too_large', `the JSON body has more than ${MAX_CONTAINERS} arrays and objects`)
    } else if (byte === 0x5d || byte === 0x7d) depth--
  }
}

/** With no more opening brackets than levels nothing can be too deep: true of nearly every body, and fast to see. */
function hasFewBrackets(body: Uint8Array): boolean {
  let left = MAX_DEPTH
  for (const bracket of [0x5b, 0x7b]) {
    for (let at = body.indexOf(bracket); at >= 0; at = body.indexOf(bracket, at + 1)) if (--left < 0) return false
  }
  return true
}

export function parseJsonBody(body: Buffer): unknown {
  assertShallow(body)
  if (!isUtf8(body)) throw new MainstayError('request.malformed_json', 'the body is not UTF-8')
  const text = body.toString('utf8')
  try {
    return JSON.parse(text)
  } catch (cause) {
    const bare = /(?<!")\b(NaN|-?Infinity)\b(?!")/.exec(text.slice(0, 65_536))
    const reason = bare ? `${bare[0]} is not JSON` : 'failed to parse the request JSON buffer'
    throw new MainstayError(
      'request.malformed_json',
      `${reason}: ${(cause as Error).message.slice(0, 120)}`,
      {},
      { cause },
    )
  }
}

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** An own property; a column may be named `constructor`. */
export function own(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
