import { randomBytes } from 'node:crypto'

/** Ids for rows whose caller gave none: random per start, then counted, so that none repeats and making one is cheap. */
export function makeIdSource(): () => string {
  const start = `p${randomBytes(8).toString('hex')}`
  let next = 0
  return () => start + (next++).toString(36)
}
