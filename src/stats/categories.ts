import { fnv1a } from './assignment.ts'

/**
 * Frozen categories of one column: the reference's most frequent ones in order, and the rest by hash. `others` holds
 * sorted FNV-1a hashes of rarer reference values; `open` means there were too many to keep, so that an unknown
 * value cannot be told from a rare one and counts as other.
 */
export type CategoryDictionary = {
  id: string
  values: string[]
  others: number[]
  open: boolean
  singletonShare: number
}

export const KEPT_CATEGORIES = 255
const MOST_OTHERS = 20_000
const LONGEST = 128

/** Category values longer than 128 characters are cut, so that one bad client cannot fill memory. */
export function categoryText(value: unknown): string {
  const text = typeof value === 'string' ? value : String(value)
  return text.length > LONGEST ? text.slice(0, LONGEST) : text
}

/** Most frequent first, ties by code unit order; `singletonShare` is Good and Turing's estimate of unseen mass. */
export function makeCategoryDictionary(referenceValues: Iterable<unknown>): CategoryDictionary | undefined {
  const counts = new Map<string, number>()
  let n = 0
  for (const value of referenceValues) {
    if (value === null || value === undefined) continue
    const text = categoryText(value)
    counts.set(text, (counts.get(text) ?? 0) + 1)
    n++
  }
  if (n === 0) return undefined
  const ordered = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
  const values = ordered.slice(0, KEPT_CATEGORIES).map(([value]) => value)
  const rest = ordered.slice(KEPT_CATEGORIES)
  const open = rest.length > MOST_OTHERS
  const others = open ? [] : [...new Set(rest.map(([value]) => fnv1a(value)))].sort((a, b) => a - b)
  const singletons = ordered.filter(([, count]) => count === 1).length
  const key = `${values.map((v) => `${v.length}:${v}`).join('')}|${open ? 'open' : others.join()}`
  return { id: `c${hex(fnv1a(key))}${hex(fnv1a(`#${key}`))}`, values, others, open, singletonShare: singletons / n }
}

const hex = (hash: number) => hash.toString(16).padStart(8, '0')

const indexes = new WeakMap<CategoryDictionary, Map<string, number>>()

/** Slot of a category: its place in `values`, `values.length` for other, −1 for one the reference never had. */
export function categoryIndex(dictionary: CategoryDictionary, text: string): number {
  let index = indexes.get(dictionary)
  if (index === undefined) {
    index = new Map(dictionary.values.map((value, i) => [value, i]))
    indexes.set(dictionary, index)
  }
  const at = index.get(text)
  if (at !== undefined) return at
  if (dictionary.open) return dictionary.values.length
  return dictionary.others.length > 0 && includesSorted(dictionary.others, fnv1a(text)) ? dictionary.values.length : -1
}

function includesSorted(sorted: readonly number[], value: number): boolean {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return sorted[low] === value
}

const KEPT_UNSEEN = 64

/**
 * Space-saving heavy hitters (Metwally et al. 2005): a newcomer takes the slot of the least, with its count + 1. Exact up to
 * 64 values, above that a count is too high by at most N/64.
 */
export function addUnseen(top: [string, number][], text: string, times = 1): void {
  let least = 0
  for (let i = 0; i < top.length; i++) {
    const entry = top[i] as [string, number]
    if (entry[0] === text) {
      entry[1] += times
      return
    }
    if (entry[1] < (top[least] as [string, number])[1]) least = i
  }
  if (top.length < KEPT_UNSEEN) top.push([text, times])
  else top[least] = [text, (top[least] as [string, number])[1] + times]
}

/** Both lists together, the 64 largest kept, largest first. */
export function mergeUnseen(a: readonly [string, number][], b: readonly [string, number][]): [string, number][] {
  const sums = new Map(a)
  for (const [text, count] of b) sums.set(text, (sums.get(text) ?? 0) + count)
  return [...sums].sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1)).slice(0, KEPT_UNSEEN)
}
