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

/** `pr_01jz…`: a prefix that names the kind, 48 bits of time so that ids sort by age, 80 random bits. */
export function newId(prefix: string, now: number = Date.now()): string {
  return `${prefix}_${base32(BigInt(now), 10)}${base32(BigInt(`0x${randomBytes(10).toString('hex')}`), 16)}`
}

/** 32 hexadecimal digits, as MLflow names runs and logged models. */
export function newHexId(): string {
  return randomBytes(16).toString('hex')
}
