import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import * as api from '../../../contract/automation.ts'
import { getIncident } from '../../../contract/monitoring.ts'
import { deploy, rollbackEndpoint } from '../../../contract/rollouts.ts'
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
} from '../../../testkit/loop.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { pendingActions, saveRule } from './module.ts'
import { attachRollout } from './follow.ts'

const start = Date.UTC(2026, 0, 5)
const reason = 'a test'
let stack: Stack
beforeAll(async () => {
  // The pipeline runner stays off: a run that automation starts waits, and its end is told as the fact that it is.
  stack = await startStack({ running: false, env: { MAINSTAY_PYTHON: '/there/is/no/python' } })
  stack.control.dispatcher.start()
  stack.control.jobs.start()
})
afterAll(() => stack[Symbol.asyncDispose]())
beforeEach(async () => {
  await stack.call(api.setEnabled, { enabled: true, reason })
})

let made = 0
type Rule = Partial<Parameters<typeof saveRule>[2]>

interface Watched {
  name: string
  feed: Feed
  weeks(count: number, plan: DayPlan): Promise<void>
}

const pipeline = (name: string): string =>
  `pipelines:\n  ${name}:\n    params: { reason: first, train_to: "", gate_from: "", gate_to: "" }\n    steps:\n      train: { run: "true" }\n`

/** An endpoint with two versions, the first live, a monitor with a limit of 0.3, and a rule. */
async function aRuled(rule: Rule | null = {}): Promise<Watched> {
  const name = `a${(made += 1)}`
  await anEndpoint(
    stack,
    name,
    { clock: 'event' },
    {
      performance: { metric: 'wape', limit: 0.3, unit: 'day', window: '7d', label_delay: '1d' },
      inputs: { window: '1d' },
    },
  )
  await stack.call(apply, { file: pipeline(name) })
  for (const text of ['one', 'two'])
    await aVersion(stack, {
      model: name,
      signature: hourlySignature,
      onnx: Buffer.from(text),
      reference: hourlyReference(),
    })
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
  expect((await decisions(name))[1]?.sentence).toContain('in flight')
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
  await stack.ctx.tx(async (ctx) => await attachRollout(ctx, action?.id ?? '', `ro-${name}`))
  await stack.call(deploy, { name, model: name, version: 2, strategy: 'direct' })
  await stack.ctx.tx((ctx) => {
    ctx.emit({
      type: 'rollouts.promoted',
      rollout: `ro-${name}`,
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
