import type { RowBlock } from '../compat/oip/layout.ts'

/** What is remembered of an id for ten minutes. */
export interface SeenId {
  hash: number
  at: number
  /** The answer, while there is room to keep it; null if it must be computed again. */
  answer: string | null
  /** The ids of the request it answers: the same row may come again in other company. */
  request: string
  headers: string[] | null
  /** Requests with the same id that came while the first was being answered. */
  waiting: ((answer: string | null) => void)[] | null
}

const KEEP_MS = 600_000
const MAX_IDS = 500_000
const MAX_ANSWER_BYTES = 64 * 1024 * 1024

/** Ids of one endpoint, in two generations so that forgetting costs nothing per id. */
export class RepeatIndex {
  #young = new Map<string, SeenId>()
  #old = new Map<string, SeenId>()
  #turnedAt = 0
  #answerBytes = 0

  find(id: string, now: number): SeenId | undefined {
    const seen = this.#young.get(id) ?? this.#old.get(id)
    return seen && now - seen.at < KEEP_MS ? seen : undefined
  }

  remember(id: string, hash: number, now: number): SeenId {
    if (now - this.#turnedAt > KEEP_MS || this.#young.size >= MAX_IDS) {
      this.#old = this.#young
      this.#young = new Map()
      this.#turnedAt = now
      this.#answerBytes = 0
      for (const seen of this.#old.values()) if (now - seen.at > KEEP_MS) seen.answer = null
    }
    const seen: SeenId = { hash, at: now, answer: null, request: '', headers: null, waiting: null }
    this.#young.set(id, seen)
    return seen
  }

  keepAnswer(seen: SeenId, answer: string, headers: string[]): void {
    this.#answerBytes += answer.length
    if (this.#answerBytes > MAX_ANSWER_BYTES) return
    seen.answer = answer
    seen.headers = headers
  }

  forget(id: string): void {
    this.#young.delete(id)
    this.#old.delete(id)
  }
}

const floats = new Float64Array(1)
const words = new Int32Array(floats.buffer)

/** A hash of one row's cells, 53 bits; equal inputs have equal hashes, also when they came in another form. */
export function hashRow(block: RowBlock, row: number, numWidth: number, strWidth: number): number {
  let a = 0x811c9dc5
  let b = 0x1b873593
  for (let i = row * numWidth; i < (row + 1) * numWidth; i++) {
    floats[0] = (block.num[i] as number) + 0
    a = Math.imul(a ^ (words[0] as number), 0x01000193)
    a = Math.imul(a ^ (a >>> 15) ^ (words[1] as number), 0x01000193)
    b = Math.imul(b ^ (words[0] as number) ^ ((words[1] as number) << 7), 0x85ebca6b)
    b ^= b >>> 13
  }
  for (let i = row * strWidth; i < (row + 1) * strWidth; i++) {
    const text = block.str[i] ?? '\u0000null'
    for (let at = 0; at <= text.length; at++) {
      const code = at === text.length ? 0x10001 : text.charCodeAt(at)
      a = Math.imul(a ^ code, 0x01000193)
      b = Math.imul(b ^ code, 0x85ebca6b)
      b ^= b >>> 13
    }
  }
  a ^= a >>> 16
  return (a >>> 0) * 0x200000 + ((b >>> 0) & 0x1fffff)
}
