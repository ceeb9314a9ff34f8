import { MainstayError } from '../../../contract/errors.ts'

export type Operator =
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'like'
  | 'ilike'
  | 'in'
  | 'not in'
  | 'is null'
  | 'is not null'

/** One comparison of a filter, e.g. `metrics.rmse < 0.3`. An absent entity means an attribute. */
export interface Comparison {
  entity: string
  key: string
  operator: Operator
  /** A text, a number, a list of texts for IN, or nothing for IS NULL. */
  value: string | number | readonly string[] | null
}

export type Filter = { all: readonly Filter[] } | { any: readonly Filter[] } | Comparison

interface Token {
  kind: 'word' | 'text' | 'quoted' | 'number' | 'sign'
  text: string
  at: number
}

const longestFilter = 20_000
const deepestFilter = 40
const mostComparisons = 250
/** SQLite joins at most 64 tables. */
export const mostOrders = 20

const shapes: readonly [Token['kind'], RegExp][] = [
  ['number', /[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])/y],
  ['word', /[\p{L}_][\p{L}\p{N}_./-]*/uy],
  ['text', /'(?:[^'\\]|\\.)*'/y],
  ['quoted', /"(?:[^"\\]|\\.)*"|`[^`]*`/y],
  ['sign', /!=|<>|<=|>=|==|[=<>(),.]/y],
]

function invalid(text: string, at: number, why: string): MainstayError {
  return new MainstayError(
    'experiments.invalid_filter',
    `Invalid clause(s) in filter string at character ${at + 1}: ${why}`,
    {
      at,
      near: text.slice(at, at + 40),
    },
  )
}

function tokensOf(text: string): Token[] {
  if (text.length > longestFilter) throw invalid(text, longestFilter, `it is longer than ${longestFilter} characters`)
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    if (/\s/.test(text.charAt(at))) {
      at += 1
      continue
    }
    const found = shapes
      .map(([kind, shape]) => {
        shape.lastIndex = at
        return { kind, text: shape.exec(text)?.[0] }
      })
      .find((candidate) => candidate.text !== undefined)
    if (found?.text === undefined) throw invalid(text, at, `“${text.charAt(at)}” is not expected`)
    tokens.push({ kind: found.kind, text: found.text, at })
    at += found.text.length
  }
  return tokens
}

const unquote = (text: string): string =>
  text.startsWith('`') ? text.slice(1, -1) : text.slice(1, -1).replace(/\\(['"])/g, '$1')

/**
 * The filter language of MLflow's searches, with OR and parentheses besides:
 * `metrics.m > 0.9 and (params."lr" = '0.1' or tags.team ilike 'a%')`.
 */
export function parseFilter(text: string | undefined): Filter | undefined {
  const tokens = tokensOf(text ?? '')
  return tokens.length === 0 ? undefined : new FilterParser(text ?? '', tokens).parse()
}

/** Recursive descent over the tokens of one filter. */
class FilterParser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0
  #comparisons = 0

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text
    this.#tokens = tokens
  }

  parse(): Filter {
    const filter = this.#any()
    const rest = this.#tokens[this.#next]
    if (rest) throw invalid(this.#text, rest.at, `“${rest.text.slice(0, 40)}” is not expected`)
    return filter
  }

  #any(): Filter {
    const parts = [this.#all()]
    while (this.#takeWord('or')) parts.push(this.#all())
    return parts.length === 1 && parts[0] ? parts[0] : { any: parts }
  }

  #all(): Filter {
    this.#takeAnds()
    const parts = [this.#one()]
    while (this.#takeAnds() && this.#next < this.#tokens.length) parts.push(this.#one())
    return parts.length === 1 && parts[0] ? parts[0] : { all: parts }
  }

  #one(): Filter {
    if (!this.#takeSign('(')) return this.#comparison()
    this.#depth += 1
    if (this.#depth > deepestFilter) throw this.#refuse('it is nested too deeply')
    const inner = this.#any()
    if (!this.#takeSign(')')) throw this.#refuse('“)” is missing')
    this.#depth -= 1
    return inner
  }

  #comparison(): Comparison {
    this.#comparisons += 1
    if (this.#comparisons > mostComparisons) throw this.#refuse(`it has more than ${mostComparisons} comparisons`)
    const [entity, key] = this.#identifier()
    if (this.#takeWord('is')) {
      const operator = this.#takeWord('not') ? 'is not null' : 'is null'
      if (!this.#takeWord('null')) throw this.#refuse('NULL is expected after IS')
      return { entity, key, operator, value: null }
    }
    if (this.#takeWord('not')) {
      if (!this.#takeWord('in')) throw this.#refuse('IN is expected after NOT')
      return { entity, key, operator: 'not in', value: this.#list() }
    }
    if (this.#takeWord('in')) return { entity, key, operator: 'in', value: this.#list() }
    return { entity, key, operator: this.#operator(), value: this.#value() }
  }

  #identifier(): [entity: string, key: string] {
    const token = this.#take()
    if (token?.kind === 'quoted') return ['attribute', unquote(token.text)]
    if (token?.kind !== 'word') throw this.#refuse('a name is expected', token)
    const dot = token.text.indexOf('.')
    if (dot === -1) return this.#takeSign('.') ? [token.text, this.#quotedKey()] : ['attribute', token.text]
    const entity = token.text.slice(0, dot)
    const key = token.text.slice(dot + 1)
    return [entity, key === '' ? this.#quotedKey() : key]
  }

  #quotedKey(): string {
    const token = this.#take()
    if (token?.kind === 'quoted' || token?.kind === 'text') return unquote(token.text)
    if (token?.kind === 'word' || token?.kind === 'number') return token.text
    throw this.#refuse('a key is expected', token)
  }

  #operator(): Operator {
    const token = this.#take()
    const text = token?.text.toLowerCase() ?? ''
    if (text === '==') return '='
    if (text === '<>') return '!='
    if (['=', '!=', '<', '<=', '>', '>=', 'like', 'ilike'].includes(text)) return text as Operator
    throw this.#refuse('an operator is expected', token)
  }

  #value(): string | number {
    const token = this.#take()
    if (token?.kind === 'number') return Number(token.text)
    if (token?.kind === 'text' || token?.kind === 'quoted') return unquote(token.text)
    throw this.#refuse('a quoted text or a number is expected', token)
  }

  #list(): string[] {
    if (!this.#takeSign('(')) throw this.#refuse('“(” is expected')
    const values: string[] = []
    do {
      const token = this.#take()
      if (token?.kind !== 'text' && token?.kind !== 'quoted') throw this.#refuse('a quoted text is expected', token)
      values.push(unquote(token.text))
      // A Python tuple of one ends with a comma.
    } while (this.#takeSign(',') && !this.#isSign(')'))
    if (!this.#takeSign(')')) throw this.#refuse('“)” is missing')
    return values
  }

  #take(): Token | undefined {
    const token = this.#tokens[this.#next]
    this.#next += 1
    return token
  }

  #takeWord(word: string): boolean {
    const token = this.#tokens[this.#next]
    if (token?.kind !== 'word' || token.text.toLowerCase() !== word) return false
    this.#next += 1
    return true
  }

  /** Programs glue filters together, and MLflow overlooks an AND that joins nothing. */
  #takeAnds(): boolean {
    let taken = false
    while (this.#takeWord('and')) taken = true
    return taken
  }

  #isSign(sign: string): boolean {
    const token = this.#tokens[this.#next]
    return token?.kind === 'sign' && token.text === sign
  }

  #takeSign(sign: string): boolean {
    if (!this.#isSign(sign)) return false
    this.#next += 1
    return true
  }

  #refuse(why: string, token: Token | undefined = this.#tokens[this.#next]): MainstayError {
    return invalid(this.#text, token?.at ?? this.#text.length, why)
  }
}

export interface OrderKey {
  entity: string
  key: string
  descending: boolean
}

/** One `ident [ASC|DESC]` of an order_by list. */
export function parseOrder(text: string): OrderKey {
  const match = /^(.*?)(?:\s+(asc|desc))?\s*$/is.exec(text.trim())
  const [, ident = '', direction = 'asc'] = match ?? []
  const [first, ...more] = tokensOf(ident)
  const parts = [first, ...more].filter((token) => token !== undefined)
  const key = parts.at(-1)
  if (!first || !key || parts.length > 3) throw invalid(text, 0, 'a name to order by is expected')
  const descending = direction.toLowerCase() === 'desc'
  if (key !== first) {
    return {
      entity: first.text.replace(/\.$/, ''),
      key: key.kind === 'quoted' || key.kind === 'text' ? unquote(key.text) : key.text,
      descending,
    }
  }
  if (first.kind === 'quoted') return { entity: 'attribute', key: unquote(first.text), descending }
  const dot = first.text.indexOf('.')
  return dot === -1
    ? { entity: 'attribute', key: first.text, descending }
    : { entity: first.text.slice(0, dot), key: first.text.slice(dot + 1), descending }
}

/** Reads a list of order keys; a field that is named twice is refused. */
export function parseOrders(list: readonly string[] | undefined): OrderKey[] {
  if ((list ?? []).length > mostOrders) throw invalid('', 0, `order_by has more than ${mostOrders} fields`)
  const keys = (list ?? []).map(parseOrder)
  const names = new Set(keys.map(({ entity, key }) => `${entity}.${key}`))
  if (names.size !== keys.length) throw invalid((list ?? []).join(', '), 0, 'a field is named twice in order_by')
  return keys
}
