/**
 * The language inside `${{ }}`: literals, references, `not and or`, comparison, arithmetic and a few functions.
 * It is pure and total: every expression that parses has a value for every scope. What is missing, divided by
 * zero or of the wrong kind is null; an order that does not exist is false. `or` and `and` give an operand, so
 * `refit.model or train.model` is the first that exists.
 */
export type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value }
export type Scope = Readonly<Record<string, unknown>>

export type Expression =
  | { kind: 'literal'; value: Value }
  | { kind: 'reference'; path: readonly string[] }
  | { kind: 'not' | 'minus'; of: Expression }
  | { kind: 'binary'; operator: Operator; left: Expression; right: Expression }
  | { kind: 'call'; name: FunctionName; given: readonly Expression[] }

const levels = [
  ['or', '||'],
  ['and', '&&'],
  ['==', '!=', '<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
] as const
type Operator = (typeof levels)[number][number]

export class ExpressionError extends Error {}

const tokenShape =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|([A-Za-z_]\w*)|(\|\||&&|[=!<>]=|[-+*/%<>!().,]))/y
const deepest = 50

function tokenize(text: string): string[] {
  const tokens: string[] = []
  tokenShape.lastIndex = 0
  while (tokenShape.lastIndex < text.length) {
    const at = tokenShape.lastIndex
    const match = tokenShape.exec(text)
    if (!match) {
      if (text.slice(at).trim() === '') break
      throw new ExpressionError(`“${text.slice(at, at + 20).trim()}” is not understood`)
    }
    tokens.push(match[0].trim())
  }
  return tokens
}

class Parser {
  readonly #tokens: readonly string[]
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#tokens = tokenize(text)
  }

  whole(): Expression {
    const expression = this.#level(0)
    const rest = this.#tokens[this.#at]
    if (rest !== undefined) throw new ExpressionError(`“${rest}” is not expected here`)
    return expression
  }

  #level(level: number): Expression {
    const operators: readonly string[] | undefined = levels[level]
    if (!operators) return this.#unary()
    let left = this.#level(level + 1)
    for (;;) {
      const token = this.#tokens[this.#at]
      if (token === undefined || !operators.includes(token)) return left
      this.#at += 1
      left = { kind: 'binary', operator: token as Operator, left, right: this.#level(level + 1) }
    }
  }

  #unary(): Expression {
    this.#depth += 1
    if (this.#depth > deepest) throw new ExpressionError('the expression is nested too deeply')
    const token = this.#tokens[this.#at]
    const prefixed = token === 'not' || token === '!' || token === '-'
    if (prefixed) this.#at += 1
    const result: Expression = prefixed ? { kind: token === '-' ? 'minus' : 'not', of: this.#unary() } : this.#primary()
    this.#depth -= 1
    return result
  }

  #primary(): Expression {
    const token = this.#tokens[this.#at]
    if (token === undefined) throw new ExpressionError('the expression ends too early')
    this.#at += 1
    if (token === '(') {
      const inner = this.#level(0)
      this.#expect(')')
      return inner
    }
    if (/^\d/.test(token)) return { kind: 'literal', value: Number(token) }
    if (/^['"]/.test(token)) return { kind: 'literal', value: token.slice(1, -1).replace(/\\(.)/g, '$1') }
    if (Object.hasOwn(words, token)) return { kind: 'literal', value: words[token] ?? null }
    if (!/^[A-Za-z_]/.test(token) || reserved.has(token)) throw new ExpressionError(`“${token}” is not expected here`)
    return this.#tokens[this.#at] === '(' ? this.#call(token) : this.#reference(token)
  }

  #reference(first: string): Expression {
    const path = [first]
    while (this.#tokens[this.#at] === '.') {
      const name = this.#tokens[this.#at + 1]
      if (name === undefined || !/^\w+$/.test(name)) throw new ExpressionError('a name is missing after “.”')
      path.push(name)
      this.#at += 2
    }
    return { kind: 'reference', path }
  }

  #call(name: string): Expression {
    if (!Object.hasOwn(functions, name)) {
      throw new ExpressionError(`there is no function ${name}; there are ${Object.keys(functions).join(', ')}`)
    }
    this.#at += 1
    const given: Expression[] = []
    while (this.#tokens[this.#at] !== ')') {
      if (given.length > 0) this.#expect(',')
      given.push(this.#level(0))
    }
    this.#at += 1
    return { kind: 'call', name: name as FunctionName, given }
  }

  #expect(token: string): void {
    if (this.#tokens[this.#at] !== token) throw new ExpressionError(`“${token}” is missing`)
    this.#at += 1
  }
}

const words: Record<string, boolean | null> = { true: true, false: false, null: null }
const reserved = new Set(['and', 'or', 'not'])

export function parseExpression(text: string): Expression {
  return new Parser(text).whole()
}

/** Every path that the expression reads. */
export function referencesOf(expression: Expression): readonly (readonly string[])[] {
  switch (expression.kind) {
    case 'literal':
      return []
    case 'reference':
      return [expression.path]
    case 'not':
    case 'minus':
      return referencesOf(expression.of)
    case 'binary':
      return [...referencesOf(expression.left), ...referencesOf(expression.right)]
    case 'call':
      return expression.given.flatMap(referencesOf)
  }
}

/** False, null, 0, NaN and the empty string are not true; everything else is. */
export const isTrue = (value: Value): boolean => Boolean(value)

export function evaluate(expression: Expression, scope: Scope): Value {
  switch (expression.kind) {
    case 'literal':
      return expression.value
    case 'reference':
      return look(expression.path, scope)
    case 'not':
      return !isTrue(evaluate(expression.of, scope))
    case 'minus':
      return finite(-numberOr(evaluate(expression.of, scope)))
    case 'call':
      return functions[expression.name](expression.given.map((part) => evaluate(part, scope)))
    case 'binary':
      return binary(expression.operator, expression.left, expression.right, scope)
  }
}

function look(path: readonly string[], scope: Scope): Value {
  let value: unknown = scope
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return null
    value = (value as Record<string, unknown>)[name]
  }
  return (value ?? null) as Value
}

const numberOr = (value: Value): number => (typeof value === 'number' ? value : Number.NaN)
const finite = (value: number): Value => (Number.isFinite(value) ? value : null)

function binary(operator: Operator, leftPart: Expression, rightPart: Expression, scope: Scope): Value {
  const left = evaluate(leftPart, scope)
  if (operator === 'or' || operator === '||') return isTrue(left) ? left : evaluate(rightPart, scope)
  if (operator === 'and' || operator === '&&') return isTrue(left) ? evaluate(rightPart, scope) : left
  const right = evaluate(rightPart, scope)
  switch (operator) {
    case '==':
      return isEqual(left, right)
    case '!=':
      return !isEqual(left, right)
    case '<':
      return inOrder(left, right, (sign) => sign < 0)
    case '>':
      return inOrder(left, right, (sign) => sign > 0)
    case '<=':
      return inOrder(left, right, (sign) => sign <= 0)
    case '>=':
      return inOrder(left, right, (sign) => sign >= 0)
    case '+':
      return typeof left === 'string' || typeof right === 'string'
        ? textOf(left) + textOf(right)
        : finite(numberOr(left) + numberOr(right))
    case '-':
      return finite(numberOr(left) - numberOr(right))
    case '*':
      return finite(numberOr(left) * numberOr(right))
    case '/':
      return finite(numberOr(left) / numberOr(right))
    case '%':
      return finite(numberOr(left) % numberOr(right))
  }
}

const isEqual = (left: Value, right: Value): boolean =>
  left === right ||
  (typeof left === 'object' && typeof right === 'object' && JSON.stringify(left) === JSON.stringify(right))

function inOrder(left: Value, right: Value, accepts: (sign: number) => boolean): boolean {
  if (typeof left === 'number' && typeof right === 'number') return accepts(left - right)
  if (typeof left === 'string' && typeof right === 'string') return accepts(left < right ? -1 : left > right ? 1 : 0)
  return false
}

const numbersIn = (given: readonly Value[]): number[] =>
  given.flat().filter((value): value is number => typeof value === 'number')

const functions = {
  len: ([value = null]: readonly Value[]): Value =>
    typeof value === 'string' || Array.isArray(value)
      ? value.length
      : typeof value === 'object' && value !== null
        ? Object.keys(value).length
        : 0,
  min: (given: readonly Value[]): Value => finite(Math.min(...numbersIn(given))),
  max: (given: readonly Value[]): Value => finite(Math.max(...numbersIn(given))),
  abs: ([value = null]: readonly Value[]): Value => finite(Math.abs(numberOr(value))),
  contains: ([whole = null, part = null]: readonly Value[]): Value =>
    typeof whole === 'string' ? whole.includes(textOf(part)) : Array.isArray(whole) && whole.includes(part),
  exists: ([value = null]: readonly Value[]): Value => value !== null,
}
type FunctionName = keyof typeof functions

export const textOf = (value: Value): string =>
  value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)

const template = /\$\{\{(.*?)\}\}/gs

/** The expressions inside a text with `${{ }}`. */
export function expressionsIn(text: string): Expression[] {
  if (text.replace(template, '').includes('${{')) throw new ExpressionError('a “${{” has no “}}”')
  return [...text.matchAll(template)].map((match) => parseExpression(match[1] ?? ''))
}

/** A text that is one `${{ }}` keeps the kind of its value; otherwise values are written into the text. */
export function resolveText(text: string, scope: Scope): Value {
  const whole = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(text)
  if (whole) return evaluate(parseExpression(whole[1] ?? ''), scope)
  return text.replace(template, (_, inner: string) => textOf(evaluate(parseExpression(inner), scope)))
}

/** `when` may be written with or without `${{ }}`. */
export function parseCondition(when: string | boolean): Expression {
  if (typeof when === 'boolean') return { kind: 'literal', value: when }
  const whole = /^\s*\$\{\{((?:(?!\}\}).)*)\}\}\s*$/s.exec(when)
  return parseExpression(whole ? (whole[1] ?? '') : when)
}
