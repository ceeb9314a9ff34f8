export interface Styled {
  text: string
  /** A series slot or state by name: `crit`, `ok`, `warn`, `s1` …; none for plain text. */
  colour?: string
  bold?: boolean
}

const colours: Record<number, string> = {
  30: 't3',
  31: 'crit',
  32: 'ok',
  33: 'warn',
  34: 's1',
  35: 's4',
  36: 's3',
  37: 't1',
  90: 't3',
  91: 'crit',
  92: 'ok',
  93: 'warn',
  94: 's1',
  95: 's4',
  96: 's3',
  97: 't1',
}
// oxlint-disable-next-line no-control-regex -- the escape character is what is looked for
const escapes = /\u001b\[([0-9;]*)([A-Za-z])/g

/** Splits a line at its ANSI colour sequences; other sequences are dropped. */
export function ansi(line: string): Styled[] {
  const parts: Styled[] = []
  let style: Omit<Styled, 'text'> = {}
  let from = 0
  const push = (to: number): void => {
    if (to > from) parts.push({ text: line.slice(from, to), ...style })
  }
  for (const found of line.matchAll(escapes)) {
    push(found.index)
    from = found.index + found[0].length
    if (found[2] !== 'm') continue
    for (const code of (found[1] || '0').split(';').map(Number)) {
      const colour = colours[code]
      if (code === 0) style = {}
      else if (code === 1) style = { ...style, bold: true }
      else if (colour) style = { ...style, colour }
      else if (code === 39) style = style.bold ? { bold: true } : {}
    }
  }
  push(line.length)
  return parts
}

// oxlint-disable-next-line no-control-regex -- as above
export const withoutAnsi = (line: string): string => line.replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
