import type { CommandStep, PipelineDefinition, Step } from '../../../contract/pipeline-definition.ts'
import type { NodeKind } from '../../../contract/pipelines.ts'
import { MainstayError } from '../../../contract/errors.ts'
import {
  evaluate,
  expressionsIn,
  ExpressionError,
  isTrue,
  parseCondition,
  parseExpression,
  referencesOf,
  type Expression,
  type Scope,
} from './expression.ts'

/** A definition with its edges made explicit: by `needs`, by inputs and by every expression that names a step. */
export interface Graph {
  definition: PipelineDefinition
  /** In an order in which every step comes after what it needs. */
  names: readonly string[]
  needs(name: string): readonly string[]
  dependents(name: string): readonly string[]
  step(name: string): Step
}

const reserved = new Set(['params', 'run', 'event', 'true', 'false', 'null', 'and', 'or', 'not'])

export function kindOf(step: Step): NodeKind {
  if ('run' in step) return 'run'
  if ('check' in step) return 'check'
  return 'register' in step ? 'register' : 'deploy'
}

export const isCommand = (step: Step): step is CommandStep => 'run' in step

export function platformSpec(step: Step): Record<string, unknown> {
  if ('check' in step) return step.check
  if ('register' in step) return step.register
  return 'deploy' in step ? step.deploy : {}
}

/**
 * In a platform step a plain text such as `train.model` or `refit.model or train.model` is an expression
 * if all that it reads are outputs of steps; any other text is itself.
 */
export function stepExpression(text: string, isStep: (name: string) => boolean): Expression | undefined {
  const paths = ((): Expression | undefined => {
    try {
      return parseExpression(text)
    } catch (error) {
      if (error instanceof ExpressionError) return undefined
      throw error
    }
  })()
  if (!paths) return undefined
  const read = referencesOf(paths)
  return read.length > 0 && read.every(([root = '', ...rest]) => isStep(root) && rest.length > 0) ? paths : undefined
}

/** Builds the graph; a wrong place is refused by its path, such as `steps.refit.when`. */
export function buildGraph(definition: PipelineDefinition): Graph {
  const names = Object.keys(definition.steps)
  const isStep = (name: string): boolean => Object.hasOwn(definition.steps, name)
  const edges = new Map<string, Set<string>>()
  for (const [name, step] of Object.entries(definition.steps)) {
    if (reserved.has(name)) refuse(`steps.${name}`, `“${name}” has a meaning of its own; name the step otherwise`)
    edges.set(name, needsOf(definition, name, step, isStep))
  }
  const dependents = new Map<string, string[]>(names.map((name) => [name, []]))
  for (const [name, needs] of edges) for (const need of needs) dependents.get(need)?.push(name)
  return {
    definition,
    names: inOrder(names, edges),
    needs: (name) => [...(edges.get(name) ?? [])],
    dependents: (name) => dependents.get(name) ?? [],
    step: (name) =>
      (Object.hasOwn(definition.steps, name) ? definition.steps[name] : undefined) ??
      refuse(`steps.${name}`, 'there is no such step'),
  }
}

function needsOf(
  definition: PipelineDefinition,
  name: string,
  step: Step,
  isStep: (name: string) => boolean,
): Set<string> {
  const needs = new Set<string>()
  const need = (field: string, other: string): void => {
    if (!isStep(other)) refuse(field, `there is no step ${other}`)
    if (other === name) refuse(field, 'a step cannot need itself')
    needs.add(other)
  }
  const read = (field: string, expression: Expression): void => {
    for (const [root = '', second] of referencesOf(expression)) {
      if (root === 'run' || root === 'event') continue
      if (root !== 'params') need(field, root)
      else if (second === undefined || !Object.hasOwn(definition.params, second)) {
        refuse(field, `there is no parameter ${second ?? ''}`)
      }
    }
  }
  const checked = (field: string, parse: () => Expression[]): void => {
    try {
      for (const expression of parse()) read(field, expression)
    } catch (error) {
      if (error instanceof ExpressionError) refuse(field, error.message)
      throw error
    }
  }
  const at = `steps.${name}`
  step.needs.forEach((other, i) => need(`${at}.needs.${i}`, other))
  const { when } = step
  if (when !== undefined) checked(`${at}.when`, () => [parseCondition(when)])
  if (isCommand(step)) commandNeeds(definition, step, at, need, checked)
  else {
    visitTexts(platformSpec(step), `${at}.${kindOf(step)}`, (text, field) => {
      const bare = text.includes('${{') ? undefined : stepExpression(text, isStep)
      checked(field, () => (bare ? [bare] : expressionsIn(text)))
    })
  }
  return needs
}

function commandNeeds(
  definition: PipelineDefinition,
  step: CommandStep,
  at: string,
  need: (field: string, other: string) => void,
  checked: (field: string, parse: () => Expression[]) => void,
): void {
  checked(`${at}.run`, () => expressionsIn(step.run))
  for (const [input, source] of Object.entries(step.in)) {
    const field = `${at}.in.${input}`
    if ('artifact' in source) {
      const [other = '', output = ''] = source.artifact.split('.')
      need(`${field}.artifact`, other)
      const maker = definition.steps[other]
      if (maker && isCommand(maker) && !Object.hasOwn(maker.out, output)) {
        refuse(`${field}.artifact`, `the step ${other} has no output ${output}`)
      }
    } else if ('predictions' in source) {
      visitTexts(source.predictions, `${field}.predictions`, (text, place) => checked(place, () => expressionsIn(text)))
    }
  }
  step.params?.forEach((param, i) => {
    if (!Object.hasOwn(definition.params, param)) refuse(`${at}.params.${i}`, `there is no parameter ${param}`)
  })
}

/** Visits every text in a nested value with its path. */
function visitTexts(value: unknown, field: string, visit: (text: string, field: string) => void): void {
  if (typeof value === 'string') visit(value, field)
  else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value)) visitTexts(inner, `${field}.${key}`, visit)
  }
}

function inOrder(names: readonly string[], edges: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const order: string[] = []
  const open = new Set(names)
  while (open.size > 0) {
    const free = [...open].filter((name) => [...(edges.get(name) ?? [])].every((need) => !open.has(need)))
    if (free.length === 0) refuse('steps', `these steps wait for each other: ${[...open].join(', ')}`)
    for (const name of free) {
      order.push(name)
      open.delete(name)
    }
  }
  return order
}

export function refuse(field: string, problem: string): never {
  throw new MainstayError('pipelines.invalid_definition', `${field}: ${problem}`, { field })
}

/** What a finished step means to the steps that need it. */
export interface Upstream {
  name: string
  state: 'succeeded' | 'cached' | 'skipped' | 'failed' | 'cancelled'
  passed: boolean | null
  /** A skipped step hands on the check whose “no” it stands behind. */
  refusedBy: string | null
  /** It hands on the failure, too: what hangs on it did not get what it waits for. */
  brokenBy: { name: string; state: 'failed' | 'cancelled' } | null
}

/** `refusedBy` names what stands in the way: a check that said no, or a step that failed. */
export type Readiness = { ready: true } | { ready: false; sentence: string; refusedBy: string | null }

/**
 * Whether a step whose needs have all ended may run. A failure stops what depends on it. A check that said no
 * stops everything behind it, also through skipped steps, save steps whose own `when` asks about that check.
 */
export function judge(step: Step, upstream: readonly Upstream[], scope: Scope): Readiness {
  const broken = upstream.find(({ state }) => state === 'failed' || state === 'cancelled')
  const origin = broken ?? upstream.find(({ brokenBy }) => brokenBy !== null)?.brokenBy
  if (origin) return { ready: false, sentence: `${origin.name} ${origin.state}`, refusedBy: origin.name }
  const condition = step.when === undefined ? undefined : parseCondition(step.when)
  const asked = new Set(condition ? referencesOf(condition).map(([root]) => root) : [])
  const refusals = upstream.flatMap(({ name, passed, refusedBy }) => (passed === false ? [name] : (refusedBy ?? [])))
  const unasked = refusals.find((check) => !asked.has(check))
  if (unasked !== undefined) return { ready: false, sentence: `${unasked} said no`, refusedBy: unasked }
  if (condition && !isTrue(evaluate(condition, scope))) {
    const [check = null] = refusals
    return {
      ready: false,
      sentence: check === null ? `when: ${String(step.when)}` : `${check} said no`,
      refusedBy: check,
    }
  }
  const missing = isCommand(step) ? missingArtifact(step, upstream) : undefined
  if (missing !== undefined) return { ready: false, sentence: `${missing} was skipped`, refusedBy: null }
  return { ready: true }
}

function missingArtifact(step: CommandStep, upstream: readonly Upstream[]): string | undefined {
  for (const source of Object.values(step.in)) {
    if (!('artifact' in source) || source.optional) continue
    const maker = source.artifact.split('.')[0]
    if (upstream.some(({ name, state }) => name === maker && state === 'skipped')) return maker
  }
  return undefined
}
