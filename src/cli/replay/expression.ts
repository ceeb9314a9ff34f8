import type { Cell } from '../../contract/signature.ts'
import { usage } from '../failure.ts'
import type { Row } from './table.ts'

type Evaluate = (row: Row) => Cell

interface Reader {
  text: string
  tokens: string[]
  at: number
}

const token = /\s*(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|'(?:[^']|'')*'|[A-Za-z_][\w.]*|"[^"]+"|[-+*/%()])/y

/**
 * Compiles `windspeed * 67`, `-temp + 3.5`, `'clear'`, `null`, `"odd name" / 2`: numbers, texts in single quotes, columns,
 * + - * / % and brackets. Arithmetic with a missing value is missing.
 */
export function compile(text: string, columns: readonly string[]): Evaluate {
  const reader: Reader = { text, tokens: tokenize(text), at: 0 }
  const evaluate = sum(reader, new Set(columns))
  if (reader.at < reader.tokens.length) throw usage(`“${text}”: did not expect “${reader.tokens[reader.at]}”`)
  return evaluate
}

function tokenize(text: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  let end = 0
  for (let match = token.exec(text); match; match = token.exec(text)) {
    tokens.push(match[1] ?? '')
    end = token.lastIndex
  }
  if (text.slice(end).trim() !== '') throw usage(`“${text}” is not readable at “${text.slice(end).trim()}”`)
  return tokens
}

const next = (reader: Reader): string => reader.tokens[reader.at] ?? ''

function sum(reader: Reader, columns: ReadonlySet<string>): Evaluate {
  let left = product(reader, columns)
  while (next(reader) === '+' || next(reader) === '-') left = calculate(reader, left, product, columns)
  return left
}

function product(reader: Reader, columns: ReadonlySet<string>): Evaluate {
  let left = value(reader, columns)
  while (['*', '/', '%'].includes(next(reader))) left = calculate(reader, left, value, columns)
  return left
}

const operations: Record<string, (a: number, b: number) => number> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
}

function calculate(
  reader: Reader,
  left: Evaluate,
  operand: (reader: Reader, columns: ReadonlySet<string>) => Evaluate,
  columns: ReadonlySet<string>,
): Evaluate {
  const operation = operations[next(reader)] ?? ((a) => a)
  reader.at += 1
  const right = operand(reader, columns)
  return (row) => {
    const [a, b] = [left(row), right(row)]
    if (a === null || b === null) return null
    const result = operation(Number(a), Number(b))
    return Number.isFinite(result) ? result : null
  }
}

function value(reader: Reader, columns: ReadonlySet<string>): Evaluate {
  const word = next(reader)
  reader.at += 1
  if (word === '-') {
    const inner = value(reader, columns)
    return (row) => negative(inner(row))
  }
  if (word === '(') {
    const inner = sum(reader, columns)
    if (next(reader) !== ')') throw usage(`“${reader.text}”: a bracket is not closed`)
    reader.at += 1
    return inner
  }
  if (word.startsWith("'")) return constant(word.slice(1, -1).replaceAll("''", "'"))
  if (/^\d/.test(word)) return constant(Number(word))
  return nameOf(reader, word, columns)
}

function nameOf(reader: Reader, word: string, columns: ReadonlySet<string>): Evaluate {
  const name = word.startsWith('"') ? word.slice(1, -1) : word
  if (columns.has(name)) return (row) => row[name] ?? null
  if (word === 'null') return constant(null)
  if (word === 'true' || word === 'false') return constant(word === 'true')
  throw usage(word === '' ? `“${reader.text}” ends too early` : `“${reader.text}”: the table has no column “${name}”`)
}

const constant =
  (cell: Cell): Evaluate =>
  () =>
    cell
const negative = (cell: Cell): Cell => (cell === null ? null : -Number(cell))
