import { Composer, isMap, isScalar, Lexer, LineCounter, Parser, visit, type CST, type Document } from 'yaml'
import { MainstayError } from '../../../contract/errors.ts'
import { fieldProblems, inPlainWords } from '../../../contract/field-problems.ts'
import { ProjectFile } from '../../../contract/project.ts'

type Path = readonly PropertyKey[]

/** A parsed file that still knows where everything stands. */
export interface ReadFile {
  file: ProjectFile
  /** A refusal that names line, column and field. */
  refuse(path: Path, problem: string): MainstayError
}

/** Deeper than any real file, and far from where the recursive parts of the parser would overflow the stack. */
const deepest = 64
const mostAliases = 50
/** Twenty thousand lines or so; what costs time grows with them, whatever the bytes are. */
const mostLexemes = 100_000
/** Each is looked up in the document, so a file that is wrong everywhere would take minutes. */
const mostIssues = 50

/** Reads mainstay.yaml: YAML 1.2, one document, no tags, no repeated keys, nothing that is not JSON. */
export function readProjectFile(text: string, name: string): ReadFile {
  const lines = new LineCounter()
  const document = compose(text, name, lines)
  const problem = document.errors[0] ?? document.warnings[0]
  if (problem) throw refusal(name, lines.linePos(problem.pos[0]), '', plainer[problem.code] ?? problem.message)
  assertUniqueKeys(document, name, lines)
  const refuse = (path: Path, message: string): MainstayError =>
    refusal(name, positionOf(document, path, lines), path.join('.'), message)
  const value = toPlain(document, name)
  const notJson = findNotJson(value, [], [])
  if (notJson) throw refuse(notJson.path, notJson.problem)

  const parsed = ProjectFile.safeParse(value ?? {}, { error: inPlainWords })
  if (parsed.success) return { file: parsed.data, refuse }
  const issues = fieldProblems(parsed.error)
  const first = issues[0] ?? { path: [], message: 'the file does not fit' }
  const error = refuse(first.path, first.message)
  const all = issues.slice(0, mostIssues).map(({ path, message }) => ({
    ...positionOf(document, path, lines),
    field: path.join('.'),
    problem: message,
  }))
  throw new MainstayError('project.invalid', error.message, { ...error.details, issues: all })
}

/** What people meet first, said in words of the file and not of the grammar. */
const plainer: Partial<Record<string, string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'a text that holds “: ” stands in quotes',
  TAB_AS_INDENT: 'lines are indented with spaces, not with tabs',
  BAD_INDENT: 'the lines of one group begin in the same column',
}

/** Lexer and parser keep their own stack, so the depth is seen before anything recursive looks at the text. */
function compose(text: string, name: string, lines: LineCounter): Document.Parsed {
  lines.addNewLine(0)
  const parser = new Parser(lines.addNewLine)
  const tokens: CST.Token[] = []
  const watch = (): void => {
    // Each level of nesting holds up to three places on the stack.
    if (parser.stack.length > deepest * 3)
      throw refusal(name, lines.linePos(parser.offset), '', `is nested more than ${deepest} levels deep`)
  }
  let lexemes = 0
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    watch()
    lexemes += 1
    if (lexemes > mostLexemes) throw refusal(name, lines.linePos(parser.offset), '', 'is too long a file')
  }
  tokens.push(...parser.end())
  const options = {
    version: '1.2',
    schema: 'core',
    merge: false,
    // Compared by the parser one with every other; `assertUniqueKeys` does it in one pass.
    uniqueKeys: false,
    stringKeys: true,
    strict: true,
    prettyErrors: false,
  } as const
  const documents = [...new Composer(options).compose(tokens, true, text.length)]
  const [first, second] = documents
  if (second) throw refusal(name, lines.linePos(second.range[0]), '', 'holds more than one document')
  return first as Document.Parsed
}

function assertUniqueKeys(document: Document.Parsed, name: string, lines: LineCounter): void {
  visit(document, {
    Map(_, map) {
      const keys = new Set<string>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        const text = String(key.value)
        if (keys.has(text)) throw refusal(name, lines.linePos(key.range?.[0] ?? 0), text, 'stands here a second time')
        keys.add(text)
      }
    },
  })
}

/** Turns the document into plain values; aliases that multiply are refused. */
function toPlain(document: Document.Parsed, name: string): unknown {
  try {
    return document.toJS({ maxAliasCount: mostAliases }) as unknown
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new MainstayError('project.invalid', `${name}: ${message}`, { file: name }, { cause: error })
  }
}

/** YAML can write what JSON cannot: infinities, NaN, integers beyond 2^53, values that hold themselves. */
function findNotJson(
  value: unknown,
  path: string[],
  around: readonly unknown[],
): { path: string[]; problem: string } | undefined {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return { path, problem: 'is no finite number' }
    return Number.isInteger(value) && !Number.isSafeInteger(value)
      ? { path, problem: 'is too large a whole number; write it in quotes' }
      : undefined
  }
  if (value === null || typeof value !== 'object') return undefined
  if (around.includes(value)) return { path, problem: 'holds itself' }
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') return { path: [...path, key], problem: 'is no usable name' }
    const found = findNotJson(inner, [...path, key], [...around, value])
    if (found) return found
  }
  return undefined
}

interface Position {
  line: number
  column: number
}

/** Where a field stands: its key if it has one, else the nearest entry around it. */
function positionOf(document: Document.Parsed, path: Path, lines: LineCounter): Position {
  for (let length = path.length; length > 0; length -= 1) {
    const start = startOf(document, path.slice(0, length))
    if (start !== undefined) return toPosition(lines.linePos(start))
  }
  return { line: 1, column: 1 }
}

function startOf(document: Document.Parsed, path: Path): number | undefined {
  const last = path.at(-1)
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
  if (isMap(parent)) {
    const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(last))
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined
  }
  const node = document.getIn(path, true)
  return typeof node === 'object' && node !== null && 'range' in node
    ? (node as { range?: [number] }).range?.[0]
    : undefined
}

const toPosition = ({ line, col }: { line: number; col: number }): Position => ({ line, column: col })

function refusal(
  name: string,
  at: Position | { line: number; col: number },
  field: string,
  problem: string,
): MainstayError {
  const { line, column } = 'col' in at ? toPosition(at) : at
  return new MainstayError(
    'project.invalid',
    `${name}:${line}:${column}: ${field === '' ? '' : `${field}: `}${problem}`,
    { file: name, line, column, field },
  )
}
