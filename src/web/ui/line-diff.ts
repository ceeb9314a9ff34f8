export interface DiffLine {
  sign: ' ' | '+' | '-'
  text: string
  /** Line numbers before and after; absent on the side that lacks the line. */
  before?: number
  after?: number
}

const mostCells = 4_000_000

/** Lengths of the longest common subsequence of the tails, row by row. */
function tailLengths(a: readonly string[], b: readonly string[]): Uint32Array[] {
  const table = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1))
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const same = a[i] === b[j]
      table[i]![j] = same ? (table[i + 1]?.[j + 1] ?? 0) + 1 : Math.max(table[i + 1]?.[j] ?? 0, table[i]?.[j + 1] ?? 0)
    }
  }
  return table
}

/**
 * Line diff by longest common subsequence. What is equal at both ends is set aside first; a middle too large to
 * compare in memory is shown as removed and added whole.
 */
export function lineDiff(before: string, after: string): DiffLine[] {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  const midA = a.slice(head, a.length - tail)
  const midB = b.slice(head, b.length - tail)
  const table = midA.length * midB.length > mostCells ? undefined : tailLengths(midA, midB)

  const lines: DiffLine[] = a
    .slice(0, head)
    .map((text, index) => ({ sign: ' ', text, before: index + 1, after: index + 1 }))
  let i = 0
  let j = 0
  while (i < midA.length || j < midB.length) {
    if (table && i < midA.length && j < midB.length && midA[i] === midB[j]) {
      lines.push({ sign: ' ', text: midA[i] ?? '', before: head + i + 1, after: head + j + 1 })
      i += 1
      j += 1
    } else if (
      i < midA.length &&
      (j >= midB.length || !table || (table[i + 1]?.[j] ?? 0) >= (table[i]?.[j + 1] ?? 0))
    ) {
      lines.push({ sign: '-', text: midA[i] ?? '', before: head + i + 1 })
      i += 1
    } else {
      lines.push({ sign: '+', text: midB[j] ?? '', after: head + j + 1 })
      j += 1
    }
  }
  for (let k = tail; k > 0; k -= 1)
    lines.push({ sign: ' ', text: a[a.length - k] ?? '', before: a.length - k + 1, after: b.length - k + 1 })
  return lines
}

/** Only changed lines with `around` lines beside them; a gap is an undefined. */
export function hunks(lines: readonly DiffLine[], around: number): (DiffLine | undefined)[] {
  const keep = new Set<number>()
  lines.forEach((line, index) => {
    if (line.sign === ' ') return
    for (let k = index - around; k <= index + around; k += 1) keep.add(k)
  })
  const shown: (DiffLine | undefined)[] = []
  lines.forEach((line, index) => {
    if (!keep.has(index)) return
    if (index > 0 && !keep.has(index - 1)) shown.push(undefined)
    shown.push(line)
  })
  return shown
}
