import { expect, test } from 'vitest'
import { ansi } from './ansi.ts'
import { hunks, lineDiff } from './line-diff.ts'
import { wordSides } from './marker-words.ts'
import { toCsv } from './table-export.ts'
import { rowFilter } from './table-filter.ts'

const rows = [
  { name: 'gbm, deep', mae: 29.8 },
  { name: 'mlp', mae: 57.2 },
  { name: 'ridge', mae: null },
]
const columns = [
  { id: 'name', head: 'Run', value: (row: (typeof rows)[number]) => row.name },
  { id: 'mae', head: 'mae', value: (row: (typeof rows)[number]) => row.mae },
]
const kept = (line: string): string[] => rows.filter(rowFilter(line, columns)).map((row) => row.name)

test('a filter line compares columns, and looks for plain words in all of them', () => {
  expect(kept('mae < 60')).toEqual(['gbm, deep', 'mlp'])
  expect(kept('mae < 60 and name = "mlp"')).toEqual(['mlp'])
  expect(kept('gbm')).toEqual(['gbm, deep'])
  expect(kept('')).toHaveLength(3)
})

test('a missing value fits no comparison', () => {
  expect(kept('mae >= 0')).not.toContain('ridge')
})

test('an exported cell is quoted where it must be, and empty where there is no value', () => {
  expect(toCsv(rows, columns)).toBe('Run,mae\r\n"gbm, deep",29.8\r\nmlp,57.2\r\nridge,')
})

test('a diff says which lines went and which came, and folds what is equal', () => {
  const lines = lineDiff('a\nb\nc\nd\ne\nf\ng\nh', 'a\nB\nc\nd\ne\nf\ng\nh\ni')
  expect(lines.filter((line) => line.sign !== ' ').map((line) => line.sign + line.text)).toEqual(['-b', '+B', '+i'])
  expect(hunks(lines, 1).filter((line) => line === undefined)).toHaveLength(1)
})

test('colours of a log become parts of a line, other sequences vanish', () => {
  expect(ansi('\u001b[2Ka \u001b[1;31mbad\u001b[0m b')).toEqual([
    { text: 'a ' },
    { text: 'bad', colour: 'crit', bold: true },
    { text: ' b' },
  ])
})

test('words of near markers go to both sides so that none overlap', () => {
  const words = [
    { x: 328, width: 46 },
    { x: 413, width: 36 },
    { x: 422, width: 12 },
  ]
  expect(wordSides(words, { from: 0, to: 900 })).toEqual(['left', 'left', 'right'])
})
