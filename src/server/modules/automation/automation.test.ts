import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { dayText } from '../../../contract/format.ts'
import * as api from '../../../contract/automation.ts'
import { getIncident, getMonitor } from '../../../contract/monitoring.ts'
import { deploy, listRollouts, rollbackEndpoint } from '../../../contract/rollouts.ts'
import { getEndpoint } from '../../../contract/serving.ts'
import { apply } from '../../../contract/project.ts'
import {
  Feed,
  aVersion,
  anEndpoint,
  dayMs,
  hourlyReference,
  hourlySignature,
  quiet,
  type DayPlan,
  type VersionInput,
} from '../../../testkit/loop.ts'
import { linearModel } from '../../../testkit/onnx-models.ts'
import { floatSignature } from '../../../testkit/plane-process.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { Analytics } from '../../platform/analytics/analytics.ts'
import { getVersion } from '../registry/module.ts'
import { checkStep, pendingActions, saveRule } from './module.ts'
import { attachRollout } from './follow.ts'

const start = Date.UTC(2026, 0, 5)
/** Weeks of rows, each scored twice by child processes: seconds on a free core, minutes on a busy one. */
const long = 180_000
const reason = 'a test'
let stack: Stack
let analytics: Analytics
beforeAll(async () => {
  // The pipeline runner stays off: a run that automation starts waits, and its end is told as the fact that it is.
  stack = await startStack({ running: false, env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
  analytics = new Analytics(stack.ctx.log, stack.home)
  stack.control.dispatcher.start()
  stack.control.jobs.start()
})
afterAll(async () => {
  await analytics[Symbol.asyncDispose]()
  await stack[Symbol.asyncDispose]()
})
beforeEach(async () => {
  await stack.call(api.setEnabled, { enabled: true, reason })
})

let made = 0
type Model = Omit<VersionInput, 'model'>
type Rule = Partial<Parameters<typeof saveRule>[2]>

interface Watched {
  name: string
  feed: Feed
  weeks(count: number, plan: DayPlan): Promise<void>
}

const pipeline = (name: string): string =>
  `pipelines:\n  ${name}:\n    params: { reason: first, train_to: "", gate_from: "", gate_to: "" }\n    steps:\n      train: { run: "true" }\n`

/** An endpoint with two versions, the first live, a monitor with a limit of 0.3, and a rule. */
async function aRuled(
  rule: Rule | null = {},
  more: { limit?: null; models?: Model[]; unit?: 'hour' } = {},
): Promise<Watched> {
  const name = `a${(made += 1)}`
  await anEndpoint(
    stack,
    name,
    { clock: 'event' },
    {
      performance: {
        metric: 'wape',
        ...(more.limit === null ? {} : { limit: 0.3 }),
        unit: more.unit ?? 'day',
        window: '7d',
        label_delay: '1d',
      },
      inputs: { window: '1d' },
    },
  )
  await stack.call(apply, { file: pipeline(name) })
  const usual = { signature: hourlySignature, reference: hourlyReference() }
  const models = more.models ?? [Buffer.from('one'), Buffer.from('two')].map((onnx) => ({ onnx, ...usual }))
  for (const model of models) await aVersion(stack, { model: name, ...model })
  await stack.call(deploy, { name, model: name, version: 1 })
  if (rule) {
    const spec = api.RuleSpec.parse({
      when: 'performance.degraded',
      endpoint: name,
      do: 'retrain',
      pipeline: name,
      mode: 'auto',
      ...rule,
    })
    await stack.ctx.tx((ctx) => saveRule(ctx, `rule-${name}`, spec))
  }
  const feed = new Feed(stack, { endpoint: name, model: name })
  let week = 0
  return {
    name,
    feed,
    async weeks(count, plan) {
      for (let i = 0; i < count; i += 1, week += 1) {
        await feed.days(start + week * 7 * dayMs, 2, plan)
        await feed.days(start + (week * 7 + 2) * dayMs, 5, plan)
      }
      await quiet(stack)
    },
  }
}

const decisions = async (endpoint: string) => (await stack.call(api.listDecisions, { endpoint })).items.toReversed()
const actions = async (endpoint: string) => (await stack.call(api.listActions, { endpoint })).items.toReversed()
const runs = async (endpoint: string) =>
  await stack.ctx.db.selectFrom('pipeline_run').selectAll().where('pipeline', '=', endpoint).execute()

test('a proposal that nobody decides goes with its incident, and the next incident has its own', async () => {
  const { name, weeks } = await aRuled({ mode: 'propose' })
  await weeks(1, { error: 0.1 })
  await weeks(4, { error: 0.5 })
  expect((await actions(name)).map(({ state }) => state)).toEqual(['proposed'])
  expect((await decisions(name)).at(-1)?.sentence).toBe(
    'A retraining is proposed and waits for a person; one at a time.',
  )
  await weeks(3, { error: 0.1 })
  expect(await actions(name)).toMatchObject([
    { state: 'undone', outcome_sentence: 'The incident closed before anybody decided.' },
  ])
  await weeks(3, { error: 0.5 })
  const [first, second] = await actions(name)
  expect(second?.state).toBe('proposed')
  expect(second?.incident).not.toBe(first?.incident)
})

/** The run of an action ends as a fact of pipelines. */
async function endRun(endpoint: string, state: 'succeeded' | 'failed', sentence: string): Promise<void> {
  const action = (await actions(endpoint)).at(-1)
  await stack.ctx.tx((ctx) => {
    ctx.emit({
      type: 'pipelines.run_finished',
      run: action?.run ?? '',
      pipeline: endpoint,
      state,
      params: {},
      trigger: { kind: 'automation', ref: action?.id ?? '' },
      sentence,
    })
    return Promise.resolve()
  })
  await quiet(stack)
}

test('lost performance starts one retraining; further signals wait for it and are kept as decisions', async () => {
  const { name, weeks } = await aRuled()
  await weeks(2, { error: 0.1 })
  await weeks(4, { error: 0.5 })
  const [action, ...others] = await actions(name)
  expect(others).toEqual([])
  expect(action).toMatchObject({
    kind: 'retrain',
    state: 'running',
    sentence: expect.stringContaining('the world changed') as string,
  })
  const [run] = await runs(name)
  const at = action?.numbers['gate'] as { from: number; to: number; units: number }
  expect(JSON.parse(run?.params ?? '{}')).toMatchObject({
    reason: 'retrain',
    train_to: new Date(at.from).toISOString(),
    gate_from: new Date(at.from).toISOString(),
    gate_to: new Date(at.to).toISOString(),
  })
  expect((at.to - at.from) / dayMs).toBe(7)
  expect((await decisions(name)).map(({ verdict }) => verdict)).toEqual(['act', 'hold'])
  expect((await decisions(name))[1]?.sentence).toBe('A retraining is in flight; one at a time.')
  expect(await pendingActions(stack.ctx, name)).toHaveLength(1)
  const told = await stack.call(getIncident, { id: action?.incident ?? '' })
  expect(told.entries.map(({ title }) => title)).toEqual(
    expect.arrayContaining([`Rule “rule-${name}” started a retraining`, `Rule “rule-${name}” did nothing`]),
  )
})

test('after a refusal the cooldown holds, and after two attempts the rule only proposes', async () => {
  const { name, weeks } = await aRuled()
  await weeks(1, { error: 0.1 })
  await weeks(3, { error: 0.5 })
  await endRun(name, 'succeeded', 'Refused: worse than the version before.')
  expect((await actions(name))[0]).toMatchObject({
    state: 'refused',
    outcome_sentence: 'Refused: worse than the version before.',
  })
  await weeks(1, { error: 0.5 })
  expect((await decisions(name)).at(-1)).toMatchObject({
    verdict: 'hold',
    sentence: expect.stringContaining('the cooldown is 8 days') as string,
  })
  await weeks(1, { error: 0.5 })
  await endRun(name, 'failed', 'train: no memory')
  await weeks(2, { error: 0.5 })
  expect((await actions(name)).map(({ state }) => state)).toEqual(['refused', 'failed', 'proposed'])
  expect((await stack.call(api.listRules, {})).items.find((rule) => rule.spec.endpoint === name)).toMatchObject({
    effective_mode: 'propose',
    spec: { mode: 'auto' },
  })

  const { id } = (await actions(name))[2] ?? { id: '' }
  await weeks(1, { error: 0.5 })
  const before = (await actions(name))[2]?.numbers['gate'] as { to: number }
  expect(await stack.call(api.approveAction, { id })).toMatchObject({ state: 'running' })
  await expect(stack.call(api.approveAction, { id })).rejects.toMatchObject({ code: 'automation.action_not_open' })
  const gateTo = String((JSON.parse((await runs(name)).at(-1)?.params ?? '{}') as { gate_to: string }).gate_to)
  expect(new Date(gateTo).getTime()).toBeGreaterThan(before.to)
})

test('a rule that proposes waits for a person, who may decline; one that observes only notes; off, nothing is done', async () => {
  const { name, weeks } = await aRuled({ mode: 'propose', cooldown: '1d' })
  await weeks(1, { error: 0.1 })
  await weeks(3, { error: 0.5 })
  const [proposed] = await actions(name)
  expect(proposed).toMatchObject({ state: 'proposed' })
  expect(await runs(name)).toEqual([])
  expect(await stack.call(api.rejectAction, { id: proposed?.id ?? '', reason: 'a fair was in town' })).toMatchObject({
    state: 'rejected',
    outcome_sentence: 'a fair was in town',
  })

  expect(await stack.call(api.setMode, { name: `rule-${name}`, mode: 'observe' })).toMatchObject({
    effective_mode: 'observe',
    sentence: expect.stringContaining('only note') as string,
  })
  await weeks(2, { error: 0.5 })
  expect((await decisions(name)).at(-1)).toMatchObject({ verdict: 'observe', action: null })

  await stack.call(api.setEnabled, { enabled: false, reason })
  await weeks(1, { error: 0.5 })
  expect((await decisions(name)).at(-1)).toMatchObject({ verdict: 'hold', sentence: 'Automation is switched off.' })
  expect(await actions(name)).toHaveLength(1)
})

test('a gate of hours holds a hundred labelled rows, however few an hour has', async () => {
  const { name, weeks } = await aRuled({}, { unit: 'hour' })
  await weeks(1, { error: 0.1 })
  await weeks(3, { error: 0.5 })
  const gate = (await actions(name)).at(-1)?.numbers['gate'] as { from: number; to: number }
  // The newest hours wait for their labels yet.
  expect((gate.to - gate.from) / 3_600_000).toBeGreaterThanOrEqual(100)
  expect((gate.to - gate.from) / 3_600_000).toBeLessThan(100 + 24)
})

test('without a declared limit the forward backtest and a quarter is the limit, and the rule only proposes', async () => {
  const usual = { signature: hourlySignature, reference: hourlyReference() }
  const models = [0.24, 0.4].map((backtest, i) => ({
    ...usual,
    onnx: Buffer.from(`backtest ${i}`),
    metrics: { backtest_wape: backtest },
  }))
  const { name, weeks } = await aRuled({}, { limit: null, models })
  await weeks(1, { error: 0.1 })
  await weeks(3, { error: 0.5 })
  expect(await actions(name)).toMatchObject([
    {
      state: 'proposed',
      numbers: { limit: 0.3 },
      sentence: expect.stringContaining('No limit is declared') as string,
    },
  ])
  expect((await stack.call(api.listRules, {})).items.find((rule) => rule.spec.endpoint === name)).toMatchObject({
    effective_mode: 'propose',
    spec: { mode: 'auto' },
  })
  // A version that backtested worse goes live: that loosens nothing.
  await stack.call(deploy, { name, model: name, version: 2, strategy: 'direct' })
  await weeks(2, { error: 0.35, version: 2 })
  expect((await stack.call(getMonitor, { endpoint: name })).limit).toBeCloseTo(0.3)
})

/** A retraining whose candidate, version 2, stands at its gate. */
async function atGate(candidate: Buffer) {
  const models = [linearModel([1], 0), candidate].map((onnx) => ({ onnx, signature: floatSignature(1) }))
  const watched = await aRuled({}, { models })
  const { name, weeks } = watched
  const entity = (hour: number): string => `customer-${hour % 11}`
  const x0 = (value: (hour: number) => number) => ({
    error: 0.5,
    entity,
    inputs: (hour: number) => ({ x0: value(hour) }),
  })
  await weeks(1, { ...x0(() => 100), error: 0.1 })
  await weeks(
    3,
    x0((hour) => 90 + (hour % 21)),
  )
  const action = (await actions(name)).at(-1)
  if (!action || action.run === null) throw new Error('nothing was started')
  const { from, to } = action.numbers['gate'] as { from: number; to: number }
  const { tree } = await getVersion(stack.ctx, name, 2)
  const node = {
    run: action.run,
    pipeline: name,
    step: 'gate',
    idempotencyKey: `${action.run}/gate`,
    params: {},
    trigger: { kind: 'automation', ref: action.id },
    spec: { model: { id: 'm', digest: tree, run: null }, endpoint: name, from, to },
    upstream: {},
  }
  const look = () => checkStep({ home: stack.home, analytics }).prepare(stack.ctx, node)
  return { ...watched, action, look, x0, to }
}

test('before a version is live the bound is held against what the training run logged, from either side', async () => {
  const name = `a${(made += 1)}`
  const onnx = linearModel([1], 0)
  await aVersion(stack, { model: name, signature: floatSignature(1), onnx, metrics: { backtest_auc: 0.91 } })
  const { tree, run_id: run } = await getVersion(stack.ctx, name, 1)
  const checked = async (spec: object) => {
    const node = {
      run: 'r',
      pipeline: name,
      step: 'gate',
      idempotencyKey: 'r/gate',
      params: {},
      trigger: { kind: 'manual', ref: 'a test' } as const,
      spec: { model: 'train.model', metric: 'backtest_auc', ...spec },
      upstream: { train: { model: { id: 'm', digest: tree, run } } },
    }
    return await checkStep({ home: stack.home, analytics }).prepare(stack.ctx, node)
  }
  expect(await checked({ min: 0.9 })).toMatchObject({
    ready: { verdict: 'passed', sentence: 'Passed: backtest_auc 0.910; allowed is at least 0.900.' },
  })
  expect(await checked({ min: 0.95 })).toMatchObject({ ready: { verdict: 'refused' } })
  expect(await checked({ max: 0.35 })).toMatchObject({
    ready: { verdict: 'refused', sentence: 'Refused: backtest_auc 0.910; allowed is at most 0.350.' },
  })
  expect(await checked({})).toMatchObject({ ready: { verdict: 'passed' } })
  expect(await checked({ metric: 'backtest_f1' })).toMatchObject({
    ready: { sentence: 'Refused: the training run logged no backtest_f1.' },
  })
})

const looksOf = (run: string) =>
  stack.ctx.db.selectFrom('gate_look').select(['look', 'verdict']).where('run', '=', run).orderBy('look').execute()

test(
  'an undecided gate waits for one more window, holds no replay up meanwhile, and then decides on all it has',
  async () => {
    // It misses by as much as the live version, to the other side.
    const { name, action, look, weeks, x0, to } = await atGate(linearModel([-1], 200))
    const again = `It looks again when labels up to ${dayText(to + 7 * dayMs)} are known.`
    expect(await look()).toMatchObject({ wait: expect.stringContaining(again) as string })
    expect(await look()).toMatchObject({ wait: expect.stringMatching(/^Undecided: WAPE/) as string })
    expect(await looksOf(action.run ?? '')).toEqual([{ look: 0, verdict: 'insufficient' }])
    expect(await pendingActions(stack.ctx, name)).toEqual([])
    expect((await actions(name)).at(-1)).toMatchObject({ id: action.id, state: 'running' })
    const told = await stack.call(getIncident, { id: action.incident ?? '' })
    expect(told.entries.map(({ title }) => title)).toContain('The gate cannot decide yet')

    for (let window = 0; window < 3; window += 1) {
      await weeks(
        1,
        x0((hour) => 90 + (hour % 21)),
      )
      await look()
    }
    expect((await looksOf(action.run ?? '')).map(({ verdict }) => verdict)).toEqual(Array(4).fill('insufficient'))
    const asked = (await actions(name)).at(-1)
    expect(asked).toMatchObject({
      id: action.id,
      state: 'proposed',
      sentence: expect.stringContaining('It looked 4 times; a person decides.') as string,
    })
    expect(await look()).toMatchObject({ wait: asked?.sentence })

    expect(await stack.call(api.approveAction, { id: action.id })).toMatchObject({ state: 'running', run: action.run })
    expect(await look()).toMatchObject({
      ready: { verdict: 'passed', sentence: expect.stringMatching(/^Let through by .*, undecided: /) as string },
    })
    expect(await runs(name)).toHaveLength(1)
  },
  long,
)

test(
  'each look sees all windows so far, and a person who declines ends the run at its gate',
  async () => {
    const { name, action, look, weeks, x0, to } = await atGate(linearModel([-1], 200))
    await look()
    await weeks(
      1,
      x0(() => 100),
    )
    expect(await look()).toMatchObject({ wait: expect.stringContaining('14 days of the gate window') as string })
    for (let window = 0; window < 2; window += 1) {
      await weeks(
        1,
        x0(() => 100),
      )
      await look()
    }
    const reason = 'the old one will do'
    expect(await stack.call(api.rejectAction, { id: action.id, reason })).toMatchObject({ state: 'rejected' })
    const ended = await look()
    expect(ended).toMatchObject({
      ready: { verdict: 'refused', sentence: expect.stringContaining(reason) as string, gate_to: to + 21 * dayMs },
    })
    expect((await decisions(name)).at(-1)?.verdict).toBe('hold')
  },
  long,
)

test(
  'where entities are the unit a gate counts those of its rows',
  async () => {
    const { name, look } = await atGate(linearModel([-1], 200))
    const performance = { metric: 'wape', limit: 0.3, unit: 'entity', window: '7d', label_delay: '1d' } as const
    await anEndpoint(stack, name, { clock: 'event' }, { performance })
    await quiet(stack)
    const wait = expect.stringContaining('on 11 entities of the gate window (loss') as string
    expect(await look()).toMatchObject({ wait })
  },
  long,
)

test('what we changed inside the bake time is taken back instead of retrained, and not brought again', async () => {
  const { name, weeks } = await aRuled({ bake_time: '40d' })
  await weeks(1, { error: 0.1 })
  await stack.call(deploy, { name, model: name, version: 2, strategy: 'direct' })
  await weeks(4, { error: 0.5, version: 2 })
  expect(await actions(name)).toMatchObject([
    { kind: 'rollback', state: 'done', sentence: expect.stringContaining('inside the bake time') as string },
  ])
  expect((await stack.call(getEndpoint, { name })).variants.map(({ version }) => version)).toEqual([1])
  await weeks(3, { error: 0.5, version: 1 })
  expect((await actions(name)).map(({ kind }) => kind)).toEqual(['rollback', 'retrain'])
})

test('a version that fails inside the bake time is taken back without a rule of one’s own', async () => {
  const { name, weeks, feed } = await aRuled(null)
  await weeks(1, { error: 0.1 })
  await stack.call(deploy, { name, model: name, version: 2, strategy: 'direct' })
  await weeks(1, { version: 2, fails: (hour) => hour % 4 === 0 })
  expect(await actions(name)).toMatchObject([{ rule: 'built-in: go back on errors', kind: 'rollback', state: 'done' }])
  expect((await stack.call(getEndpoint, { name })).variants.map(({ version }) => version)).toEqual([1])
  await feed.days(start + 14 * dayMs, 3, { version: 1, fails: (hour) => hour % 4 === 0 })
  expect((await decisions(name)).at(-1)).toMatchObject({
    verdict: 'hold',
    sentence: expect.stringContaining('no earlier healthy version') as string,
  })
  expect(await actions(name)).toHaveLength(1)
})

test('broken inputs freeze retraining, and a rule may tell people of them without being in anybody’s way', async () => {
  const { name, weeks, feed } = await aRuled()
  await stack.ctx.tx((ctx) =>
    saveRule(
      ctx,
      `tell-${name}`,
      api.RuleSpec.parse({ when: 'inputs.broken', endpoint: name, do: 'notify', mode: 'auto' }),
    ),
  )
  await weeks(1, { error: 0.1 })
  await weeks(2, { error: 0.5 })
  await feed.days(start + 21 * dayMs, 1, { error: 0.5, inputs: (_, { site }) => ({ x: null, site }) })
  await feed.days(start + 22 * dayMs, 1, { error: 0.5 })
  expect((await actions(name)).map(({ kind, state }) => [kind, state])).toContainEqual(['notify', 'done'])
  expect((await actions(name)).filter(({ kind }) => kind === 'retrain')).toEqual([])
  expect((await decisions(name)).find(({ rule }) => rule === `rule-${name}`)).toMatchObject({
    verdict: 'hold',
    sentence: 'The inputs are quarantined: retraining is frozen.',
  })
})

test('a pipeline that is not there is the action’s failure and holds nothing up', async () => {
  const { name, weeks } = await aRuled({ pipeline: 'nowhere' })
  await weeks(1, { error: 0.1 })
  await weeks(3, { error: 0.5 })
  expect(await actions(name)).toMatchObject([{ state: 'failed', outcome_sentence: 'there is no pipeline nowhere' }])
  expect(await stack.control.dispatcher.isIdle()).toBe(true)
})

/** A retraining whose rollout was promoted; two judged windows then tell whether it helped. */
async function retrained(after: DayPlan): Promise<{ name: string; outcome: api.Action | undefined }> {
  const { name, weeks } = await aRuled()
  await weeks(1, { error: 0.1 })
  await weeks(3, { error: 0.5 })
  const [action] = await actions(name)
  await stack.call(deploy, { name, model: name, version: 2, strategy: 'direct' })
  const { items } = await stack.call(listRollouts, { endpoint: name })
  const rollout = items[0]?.id ?? ''
  await stack.ctx.tx(async (ctx) => await attachRollout(ctx, action?.id ?? '', rollout))
  await stack.ctx.tx((ctx) => {
    ctx.emit({
      type: 'rollouts.promoted',
      rollout,
      endpoint: name,
      model: name,
      version: 2,
      previous: 1,
      at: start + 28 * dayMs,
      incident: action?.incident ?? null,
    })
    return Promise.resolve()
  })
  await quiet(stack)
  expect((await actions(name))[0]?.state).toBe('verifying')
  await weeks(3, { version: 2, ...after })
  return { name, outcome: (await actions(name))[0] }
}

const outcomes = [
  [
    0.1,
    'recovered',
    /^Recovered: 0\.1\d\d in the first two windows; the version before would have had 0\.5\d\d \(\d+ % better\)\.$/,
  ],
  [0.4, 'better_but_outside', /^Better, but outside the limit: /],
  [0.6, 'did_not_help', /^It did not help: /],
] as const

test.each(outcomes)('two windows after a promotion with an error of %d: %s', async (error, outcome, sentence) => {
  const told = await retrained({ error, shadows: { 1: 0.5 } })
  expect(told.outcome).toMatchObject({ state: 'done', outcome })
  expect(told.outcome?.outcome_sentence).toMatch(sentence)
})

test('a person who goes back from a version that was promoted by hand is told of in the open incident', async () => {
  const { name } = await retrained({ error: 0.4 })
  const [action] = await actions(name)
  const told = async () => await stack.call(getIncident, { id: action?.incident ?? '' })
  expect((await told()).state).toBe('recovering')
  await stack.call(rollbackEndpoint, { name, reason: 'people complain' })
  await quiet(stack)
  const { state, entries } = await told()
  expect(state).toBe('open')
  expect(entries.at(-1)).toMatchObject({ title: 'Rolled back v2 → v1', text: 'people complain' })
})

test('a person who goes back ends the watch over the new version', async () => {
  const { name, outcome } = await retrained({ error: 0.1 }).then(async ({ name }) => ({
    name,
    outcome: (await actions(name))[0],
  }))
  expect(outcome?.state).toBe('done')
  await stack.ctx.db
    .updateTable('automation_action')
    .set({ state: 'verifying' })
    .where('id', '=', outcome?.id ?? '')
    .execute()
  await stack.call(rollbackEndpoint, { name, reason: 'people complain' })
  await quiet(stack)
  expect((await actions(name))[0]).toMatchObject({
    state: 'done',
    outcome: 'did_not_help',
    outcome_sentence: 'The new version was taken back: people complain',
  })
})
