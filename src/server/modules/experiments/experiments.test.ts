import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { countRuns, getRun, listRunKeys, metricHistory, searchRuns } from '../../../contract/experiments.ts'
import { MainstayError } from '../../../contract/errors.ts'
import { startStack, type Stack } from '../../../testkit/stack.ts'
import { parseFilter, parseOrder } from './filter.ts'
import {
  getRunMetrics,
  loggedModelsOfAttempt,
  runsOfAttempt,
  createExperiment,
  createLoggedModel,
  createRun,
  getRun as readRun,
  finalizeLoggedModel,
  logBatch,
  setExperimentLifecycle,
  setRunLifecycle,
} from './module.ts'
import { thinSteps } from './rules.ts'

let stack: Stack
beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack[Symbol.asyncDispose]())

const point = (key: string, value: number, step = 0, timestamp = 1) => ({ key, value, step, timestamp })
const log = (run: string, ...points: ReturnType<typeof point>[]) =>
  logBatch(stack.ctx, run, { metrics: points, params: [], tags: [] })

async function aRun(experiment: string, name: string, startTime: number): Promise<string> {
  return (await createRun(stack.ctx, { experimentId: experiment, name, startTime })).run_id
}

test('the newest metric is the largest by step, time and value, in whatever order points arrive', async () => {
  const run = await aRun('0', 'latest', 1)
  await log(run, point('m', 1, 5), point('m', 2, 3))
  await log(run, point('m', 9, 4), point('m', 0.5, 5), point('m', 1, 5))
  expect(await getRunMetrics(stack.ctx.db, run)).toEqual([point('m', 1, 5)])
  const { items } = await stack.call(metricHistory, { id: run, key: 'm' })
  expect(items.map(({ step, value }) => [step, value])).toEqual([
    [3, 2],
    [4, 9],
    [5, 0.5],
    [5, 1],
  ])
})

const newestOf = async (run: string) => (await readRun(stack.ctx, run)).metrics[0]?.value

test('a value is kept to its last bit, however small it is', async () => {
  const run = await aRun('0', 'small', 1)
  const values = [1e-17, 2.2e-16, 1e-50, 5e-324, -1e-40, 1 + Number.EPSILON, 1e300]
  await log(run, ...values.map((value, step) => point('p', value, step)))
  const { items } = await stack.call(metricHistory, { id: run, key: 'p' })
  expect(items.map(({ value }) => value)).toEqual(values)
  for (const [n, value] of [...values, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].entries()) {
    await log(run, point('p', value, 100 + n))
    expect(await newestOf(run)).toBe(value)
  }
  const experiment = await createExperiment(stack.ctx, { name: 'small' })
  const tiny = await aRun(experiment, 'tiny', 1)
  await log(tiny, point('p', 1e-50))
  const found = await stack.call(searchRuns, {
    experiment,
    filter: 'metrics.p < 1e-49 and metrics.p > 1e-51',
  })
  expect(found.items.map(({ id }) => id)).toEqual([tiny])
})

test('NaN is unlike every number', async () => {
  const experiment = await createExperiment(stack.ctx, { name: 'unlike' })
  const nan = await aRun(experiment, 'nan', 2)
  await log(nan, point('m', Number.NaN))
  await log(await aRun(experiment, 'zero', 1), point('m', 0))
  await aRun(experiment, 'without', 0)
  const found = async (filter: string) =>
    (await stack.call(searchRuns, { experiment, filter })).items.map(({ name }) => name)
  expect(await found('metrics.m != 0')).toEqual(['nan'])
  expect(await found('metrics.m != 1')).toEqual(['nan', 'zero'])
  expect(await found('metrics.m <= 0')).toEqual(['zero'])
})

test('a batch is written whole or not at all', async () => {
  const run = await aRun('0', 'whole', 1)
  await logBatch(stack.ctx, run, { metrics: [], params: [{ key: 'p', value: '1' }], tags: [] })
  const batch = { metrics: [point('m', 1)], params: [{ key: 'p', value: '2' }], tags: [{ key: 't', value: 'x' }] }
  await expect(logBatch(stack.ctx, run, batch)).rejects.toMatchObject({ code: 'experiments.param_conflict' })
  const read = await stack.call(getRun, { id: run })
  expect([read.metrics, read.tags.map(({ key }) => key)]).toEqual([[], ['mlflow.runName']])
})

test('pages of a search follow each other while runs are written, without repeating or losing one', async () => {
  const experiment = await createExperiment(stack.ctx, { name: 'pages' })
  const expected: string[] = []
  for (let i = 0; i < 23; i += 1) {
    const run = await aRun(experiment, `r${i}`, 1_000 + (i % 4))
    if (i % 5 !== 0) await log(run, point('m', i % 7 === 0 ? Number.NaN : i % 3))
    expected.push(run)
  }
  for (const order of [
    [],
    ['metrics.m DESC'],
    ['metrics.m'],
    ['attributes.end_time'],
    ['tags.none', 'attributes.start_time ASC'],
  ]) {
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await stack.call(searchRuns, {
        experiment,
        order,
        limit: 4,
        ...(after === undefined ? {} : { after }),
      })
      seen.push(...page.items.map((run) => run.id))
      if (seen.length === 8) await aRun(experiment, 'late', 5_000)
      after = page.next
    } while (after !== undefined)
    expect(seen.filter((id) => expected.includes(id)).toSorted()).toEqual(expected.toSorted())
    expect(new Set(seen).size).toBe(seen.length)
  }
})

test('what a pipeline attempt creates is known as its work', async () => {
  const ctx = stack.ctx.as({ kind: 'token', name: 'step', role: 'step', attempt: 'att_1' })
  const run = await createRun(ctx, { experimentId: '0' })
  const model = await createLoggedModel(ctx, {
    experimentId: '0',
    name: 'm',
    sourceRunId: run.run_id,
    params: [],
    tags: [],
  })
  expect((await runsOfAttempt(stack.ctx.db, 'att_1')).map((row) => row.run_id)).toEqual([run.run_id])
  expect((await loggedModelsOfAttempt(stack.ctx.db, 'att_1')).map((row) => row.model_id)).toEqual([model.model_id])
  await finalizeLoggedModel(ctx, model.model_id, 'READY')
  expect((await stack.events()).at(-1)).toMatchObject({
    type: 'experiments.model_logged',
    model: model.model_id,
    attempt: 'att_1',
  })
})

test('deleting an experiment deletes its runs, and its name stays taken', async () => {
  const id = await createExperiment(stack.ctx, { name: 'gone' })
  const run = await aRun(id, 'r', 1)
  await setExperimentLifecycle(stack.ctx, id, 'deleted')
  await expect(log(run, point('m', 1))).rejects.toMatchObject({ code: 'experiments.run_deleted' })
  await expect(createExperiment(stack.ctx, { name: 'gone' })).rejects.toMatchObject({
    code: 'experiments.name_taken',
  })
  await setExperimentLifecycle(stack.ctx, id, 'active')
  expect((await stack.call(getRun, { id: run })).lifecycle).toBe('active')
})

test('a filter is read with OR, parentheses and quoted names', () => {
  expect(parseFilter(undefined)).toBeUndefined()
  expect(
    parseFilter(`metrics.a.b>=1e-3 AND (params."x y" = 'it''s' OR tags.\`k.k\` IS NOT NULL)`.replace("''", "\\'")),
  ).toEqual({
    all: [
      { entity: 'metrics', key: 'a.b', operator: '>=', value: 0.001 },
      {
        any: [
          { entity: 'params', key: 'x y', operator: '=', value: "it's" },
          { entity: 'tags', key: 'k.k', operator: 'is not null', value: null },
        ],
      },
    ],
  })
  expect(parseFilter(`run_id NOT IN ('a', "b")`)).toEqual({
    entity: 'attribute',
    key: 'run_id',
    operator: 'not in',
    value: ['a', 'b'],
  })
  expect(parseOrder('metrics.`a b` desc')).toEqual({ entity: 'metrics', key: 'a b', descending: true })
  expect(parseOrder("params.'lr'")).toEqual({ entity: 'params', key: 'lr', descending: false })
})

test('a filter is read where MLflow reads it: names of any script, a tuple of one, an AND that joins nothing', () => {
  const tag = { entity: 'tags', key: '日本', operator: '=', value: 'C:\\\\x' }
  expect(parseFilter("tags.日本 = 'C:\\\\x'")).toEqual(tag)
  expect(parseFilter("and tags.'日本' = 'C:\\\\x' and")).toEqual(tag)
  expect(parseFilter("run_id in ('a',) and and tags.日本 = 'C:\\\\x'")).toEqual({
    all: [{ entity: 'attribute', key: 'run_id', operator: 'in', value: ['a'] }, tag],
  })
  for (const text of ['and', 'run_id in (,)', "run_id in ('a',,)", "(tags.a = 'b' and)"]) {
    expect(() => parseFilter(text)).toThrow(MainstayError)
  }
})

test('no text makes the filter parser fail in another way than by refusing', () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(
        fc.constantFrom(
          'metrics.',
          'a',
          ' ',
          "'x'",
          '`',
          '(',
          ')',
          'and',
          'or',
          'not',
          'in',
          '=',
          '>',
          '1',
          '"',
          '.',
          'is',
          'null',
          ',',
        ),
      )
      .map((parts) => parts.join(' ')),
  )
  fc.assert(
    fc.property(text, (input) => {
      try {
        parseFilter(input)
      } catch (error) {
        if (!(error instanceof MainstayError && error.status === 400)) throw error
      }
    }),
  )
})

test('thinned steps keep to the limit, with the first and the last', () => {
  expect(thinSteps([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 5)).toEqual([0, 2, 4, 6, 9])
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { minLength: 1 }), fc.integer({ min: 2, max: 50 }), (list, most) => {
      const steps = list.toSorted((a, b) => a - b)
      const kept = thinSteps(steps, most)
      expect(kept.length).toBeLessThanOrEqual(most)
      expect([kept[0], kept.at(-1)]).toEqual([steps[0], steps.at(-1)])
    }),
  )
})

test('an experiment counts its active runs and knows the keys that they logged', async () => {
  const id = await createExperiment(stack.ctx, { name: 'counted' })
  const countOf = async () => (await stack.call(countRuns, {})).items.find((item) => item.experiment === id)?.runs
  expect(await countOf()).toBeUndefined()
  const first = await aRun(id, 'first', 1)
  await aRun(id, 'second', 2)
  await log(first, point('mae', 1), point('loss', 1))
  await logBatch(stack.ctx, first, { metrics: [], params: [{ key: 'depth', value: '6' }], tags: [] })
  expect(await countOf()).toBe(2)
  expect(await stack.call(listRunKeys, { id })).toEqual({ metrics: ['loss', 'mae'], params: ['depth'] })
  await setRunLifecycle(stack.ctx, first, 'deleted')
  expect(await countOf()).toBe(1)
  expect(await stack.call(listRunKeys, { id })).toEqual({ metrics: [], params: [] })
})
