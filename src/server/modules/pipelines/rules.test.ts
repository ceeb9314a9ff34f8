import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import type { Fact } from '../../../contract/facts.ts'
import { PipelineDefinition } from '../../../contract/pipeline-definition.ts'
import type { EventType } from '../../platform/events/outbox.ts'
import { cacheFields, cacheKey, canonical, compareFields, whySentence } from './cache-key.ts'
import { toRunAgain } from './cancel.ts'
import { checkDefinition, nextFire, wantedContent } from './define.ts'
import {
  evaluate,
  ExpressionError,
  isTrue,
  parseCondition,
  parseExpression,
  resolveText,
  type Value,
} from './expression.ts'
import { inKindOf } from './start.ts'
import { buildGraph, judge, type Upstream } from './graph.ts'
import { resolveSpec } from './scope.ts'

const valueOf = (text: string, scope: Record<string, unknown> = {}): Value => evaluate(parseExpression(text), scope)

describe('the expression language', () => {
  test.each([
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['-2 - -3', 1],
    ['1 / 0', null],
    ["'a' + 1", 'a1'],
    ["params.phase != 'skip'", true],
    ['gate.passed and params.reason == "retrain"', true],
    ['not gate.passed', false],
    ['refit.model or train.model', 'm1'],
    ['max(1, train.metrics.mae, 2) >= 3', true],
    ['missing.deep.path', null],
    ['missing < 3', false],
    ['len(params.phase)', 4],
    ["contains(params.phase, 'ai')", true],
    ['exists(refit.model)', false],
  ])('%s is %j', (text, expected) => {
    const scope = {
      params: { phase: 'main', reason: 'retrain' },
      gate: { passed: true },
      train: { model: 'm1', metrics: { mae: 3 } },
      refit: {},
    }
    expect(valueOf(text, scope)).toBe(expected)
  })

  test('whatever parses has a value, for every scope, and the same one each time', () => {
    const scopes = fc.dictionary(fc.constantFrom('params', 'a', 'b'), fc.jsonValue({ maxDepth: 2 }))
    const atom = fc.constantFrom(
      'params.x',
      'a',
      'b.c',
      '1',
      '0',
      '2.5',
      "'t'",
      'null',
      'true',
      'len(a)',
      'min(a, 1)',
      'max()',
      'abs(b)',
    )
    const operator = fc.constantFrom('and', 'or', '==', '!=', '<', '>=', '+', '-', '*', '/', '%')
    const text = fc.letrec<{ e: string }>((tie) => ({
      e: fc.oneof(
        { maxDepth: 4 },
        atom,
        fc.tuple(tie('e'), operator, tie('e')).map(([l, o, r]) => `(${l} ${o} ${r})`),
        tie('e').map((e) => `not ${e}`),
        tie('e').map((e) => `-(${e})`),
      ),
    })).e
    fc.assert(
      fc.property(text, scopes, (text, scope) => {
        const value = valueOf(text, scope)
        expect(value).not.toBeUndefined()
        expect(typeof value === 'number' ? Number.isFinite(value) : true).toBe(true)
        expect(valueOf(text, scope)).toEqual(value)
        expect(isTrue(valueOf(`not (${text})`, scope))).toBe(!isTrue(value))
      }),
    )
  })

  test('any text parses or is refused with a reason, and never reads what is not in the scope itself', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          evaluate(parseExpression(text), {})
        } catch (error) {
          expect(error).toBeInstanceOf(ExpressionError)
        }
      }),
    )
    expect(valueOf('params.constructor', { params: {} })).toBeNull()
    expect(valueOf('params.__proto__', { params: {} })).toBeNull()
    expect(() => parseExpression('('.repeat(10_000))).toThrow(ExpressionError)
  })

  test('a whole template keeps the kind of its value, a part becomes text', () => {
    expect(resolveText('${{ params.n }}', { params: { n: 3 } })).toBe(3)
    expect(resolveText('--n ${{ params.n }} --x ${{ nothing }}', { params: { n: 3 } })).toBe('--n 3 --x ')
    expect(evaluate(parseCondition("${{ params.phase != 'skip' }}"), { params: { phase: 'a' } })).toBe(true)
  })

  test('a platform spec reads steps without ${{ }} and keeps plain names', () => {
    const scope = { params: {}, run: {}, train: { model: { id: 'm1' } }, refit: {} }
    expect(
      resolveSpec({ model: 'bike-demand', from: 'refit.model or train.model', version: 'refit.version' }, scope),
    ).toEqual({
      spec: { model: 'bike-demand', from: { id: 'm1' }, version: null },
      empty: ['version'],
    })
  })
})

describe('the cache key', () => {
  const parts = {
    command: 'c',
    params: { a: 1 },
    code: 'd',
    python: 'p',
    inputs: { x: 'i' },
    outputs: { o: { path: 'o' } },
  }

  test('does not depend on the order of names and changes with every field', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).toReversed())
        expect(canonical(turned)).toBe(canonical(value))
      }),
    )
    const keys = [
      parts,
      { ...parts, command: 'c2' },
      { ...parts, params: { a: 2 } },
      { ...parts, code: 'd2' },
      { ...parts, python: 'p2' },
      { ...parts, inputs: { x: 'j' } },
      { ...parts, outputs: {} },
    ].map((given) => cacheKey(cacheFields(given)))
    expect(new Set(keys).size).toBe(keys.length)
  })

  test('a miss is explained by the fields that differ, those first', () => {
    const before = cacheFields(parts)
    const differences = compareFields(cacheFields({ ...parts, code: 'new', params: { a: 2 } }), before)
    expect(differences.slice(0, 2).map(({ field }) => field)).toEqual(['code', 'params.a'])
    expect(whySentence(differences, true)).toBe('changed: code, params.a')
  })
})

describe('a definition', () => {
  const refusal = (definition: unknown): string => {
    try {
      checkDefinition(definition)
    } catch (error) {
      return (error as Error).message
    }
    return 'accepted'
  }

  test.each([
    [{ steps: {} }, 'steps: has at least one step'],
    [{ steps: { a: { runs: 'x' } } }, 'steps.a: needs one of run, check, register, deploy'],
    [{ steps: { a: { run: 'x', timeout: 'soon' } } }, 'steps.a.timeout: is a duration'],
    [{ steps: { a: { run: 'x', needs: ['b'] } } }, 'steps.a.needs.0: there is no step b'],
    [{ steps: { a: { run: 'x', when: '${{ b.passed' } } }, 'steps.a.when:'],
    [{ steps: { a: { run: 'x ${{ params.no }}' } } }, 'steps.a.run: there is no parameter no'],
    [
      { steps: { a: { run: 'x', needs: ['b'] }, b: { run: 'y', needs: ['a'] } } },
      'steps: these steps wait for each other: a, b',
    ],
    [
      { steps: { a: { run: 'x', in: { m: { artifact: 'b.m' } } }, b: { run: 'y' } } },
      'steps.a.in.m.artifact: the step b has no output m',
    ],
    [{ steps: { a: { run: 'x' } }, triggers: [{ cron: 'often' }] }, 'triggers.0.cron:'],
    [{ steps: { a: { run: 'x' } }, triggers: [{ cron: '0 3 * * 1', zone: 'Mars/Olympus' }] }, 'triggers.0.zone:'],
    [
      { steps: { a: { run: 'x' } }, triggers: [{ event: 'registry.version_redy' }] },
      'triggers.0.event: there is no such event; there are experiments.',
    ],
    [
      { steps: { a: { run: 'x' } }, wrong: 1 },
      'wrong: there is no such field; there are params, env, triggers, max_active_runs, steps',
    ],
  ])('%j is refused at its place', (definition, said) => {
    expect(refusal(definition)).toContain(said)
  })

  test('may wait for every fact that a module declares', () => {
    expectTypeOf<Fact>().toEqualTypeOf<EventType>()
  })

  test('schedules follow the wall clock of their zone through a change of the hour', () => {
    const berlin = { cron: '0 3 * * *', zone: 'Europe/Berlin' }
    const iso = (from: string) => new Date(nextFire(berlin, Date.parse(from)) ?? 0).toISOString()
    expect(iso('2026-03-28T12:00:00Z')).toBe('2026-03-29T01:00:00.000Z')
    expect(iso('2026-03-27T12:00:00Z')).toBe('2026-03-28T02:00:00.000Z')
  })
})

describe('readiness', () => {
  const graphOf = (steps: Record<string, unknown>) => buildGraph(PipelineDefinition.parse({ steps }))

  /** Names s0…sn with edges only backwards, so that there is no circle. */
  const dags = fc
    .array(fc.array(fc.nat(20), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
    .map((rows) =>
      Object.fromEntries(
        rows.map((row, i) => [
          `s${i}`,
          { run: 'true', needs: i === 0 ? [] : [...new Set(row.map((n) => `s${n % i}`))] },
        ]),
      ),
    )

  test('the order respects every edge, and edges are the same seen from both ends', () => {
    fc.assert(
      fc.property(dags, (steps) => {
        const graph = graphOf(steps)
        const place = new Map(graph.names.map((name, i) => [name, i]))
        for (const name of graph.names) {
          for (const need of graph.needs(name)) {
            expect(place.get(need)).toBeLessThan(place.get(name) ?? -1)
            expect(graph.dependents(need)).toContain(name)
          }
        }
        expect(graph.names).toHaveLength(Object.keys(steps).length)
      }),
    )
  })

  test('retrying takes exactly what did not succeed', () => {
    fc.assert(
      fc.property(dags, fc.nat(11), (steps, which) => {
        const graph = graphOf(steps)
        const bad = graph.names[which % graph.names.length] ?? 's0'
        const behind = toRunAgain(
          graph,
          graph.names.map((name) => ({ name, state: name === bad ? 'failed' : 'skipped' })),
        )
        expect(behind.has(bad)).toBe(true)
        for (const name of graph.names) {
          if (name !== bad && behind.has(name)) expect(graph.needs(name).some((need) => behind.has(need))).toBe(true)
        }
      }),
    )
  })

  test.each([
    [{ cron: '0 0 30 2 *' }, 'triggers.0.cron: never comes'],
    [{ cron: '61 * * * *' }, 'triggers.0.cron: Invalid value for minute: 61; write minute, hour,'],
    [{ cron: '0 3 * * 1', zone: 'Berlin' }, 'triggers.0.zone: “Berlin” is no time zone'],
  ])('a schedule that cannot be kept is refused: %j', (trigger, problem) => {
    expect(() => checkDefinition({ triggers: [trigger], steps: { a: { run: 'x' } } })).toThrow(problem)
  })

  test('an expression without an end, and a file that is not there, are refused where they stand', () => {
    expect(() => checkDefinition({ steps: { a: { run: 'echo ${{ run.id }' } } })).toThrow(
      'steps.a.run: a “${{” has no “}}”',
    )
    const steps = { a: { run: 'x', in: { d: { file: 'd.csv' }, e: { file: 'e.csv', optional: true } } } }
    expect(() => wantedContent({ steps }, [])).toThrow('steps.a.in.d.file: there is no file d.csv')
    expect(() => wantedContent({ env: 'r.txt', steps: { a: { run: 'x' } } }, [])).toThrow('env: there is no file r.txt')
  })

  test('a parameter keeps the kind of its default', () => {
    expect(inKindOf('1.9', 1.1)).toBe('1.1')
    expect(inKindOf(5, '1e3')).toBe(1_000)
    expect(inKindOf(5, 'many')).toBeUndefined()
    expect(inKindOf(false, 'true')).toBe(true)
    expect(inKindOf(false, 1)).toBeUndefined()
    expect([inKindOf(null, 3), inKindOf(3, null)]).toEqual([3, null])
  })

  const ended = (name: string, given: Partial<Upstream> = {}): Upstream => ({
    name,
    state: 'succeeded',
    passed: null,
    refusedBy: null,
    brokenBy: null,
    ...given,
  })

  test('a check that said no stops all behind it, save what asks about it', () => {
    const steps = {
      gate: { check: {} },
      refit: { run: 'x', when: '${{ gate.passed and params.x }}' },
      register: { register: { from: 'refit.model' } },
      tell: { run: 'y', when: '${{ not gate.passed }}', needs: ['gate'] },
    }
    const { step } = buildGraph(PipelineDefinition.parse({ params: { x: true }, steps }))
    const scope = { params: { x: true }, gate: { passed: false } }
    const no = ended('gate', { passed: false })
    const refit = judge(step('refit'), [no], scope)
    expect(refit).toEqual({ ready: false, sentence: 'gate said no', refusedBy: 'gate' })
    const skipped = ended('refit', { state: 'skipped', refusedBy: 'gate' })
    expect(judge(step('register'), [skipped], scope)).toMatchObject({ ready: false, refusedBy: 'gate' })
    expect(judge(step('tell'), [no], scope)).toEqual({ ready: true })
    expect(judge(step('register'), [ended('refit', { state: 'skipped' })], scope)).toEqual({ ready: true })
    expect(judge(step('register'), [ended('refit', { state: 'failed' })], scope)).toMatchObject({
      ready: false,
      refusedBy: 'refit',
    })
    const behind = ended('refit', { state: 'skipped', brokenBy: { name: 'load', state: 'failed' } })
    expect(judge(step('register'), [behind], scope)).toEqual({
      ready: false,
      sentence: 'load failed',
      refusedBy: 'load',
    })
  })
})
