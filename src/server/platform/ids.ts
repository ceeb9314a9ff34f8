import { randomBytes } from 'node:crypto'

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

function base32(value: bigint, length: number): string {
  let text = ''
  for (let i = 0; i < length; i += 1) {
    text = alphabet.charAt(Number(value & 31n)) + text
    value >>= 5n
  }
  return text
}

const randomBits = 80n
let last = { time: 0, random: 0n }

/**
 * `pr_01jz…`: a prefix that names the kind, 48 bits of time, 80 bits that are random at first and count up within
 * one millisecond, so that ids of one process sort in the order in which they were made.
 */
export function newId(prefix: string, now: number = Date.now()): string {
  const fresh = BigInt(`0x${randomBytes(10).toString('hex')}`)
  last =
    now === last.time ? { time: now, random: (last.random + 1n) % (1n << randomBits) } : { time: now, random: fresh }
  return `${prefix}_${base32(BigInt(now), 10)}${base32(last.random, 16)}`
}

/** 32 hexadecimal digits, as MLflow names runs and logged models. */
export function newHexId(): string {
  return randomBytes(16).toString('hex')
}
