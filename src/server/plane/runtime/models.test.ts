import { expect, test } from 'vitest'
import { emptyBlock } from '../../compat/oip/cells.ts'
import { compileLayout } from '../../compat/oip/layout.ts'
import { linearModel, loopModel } from '../../../testkit/onnx-models.ts'
import { floatSignature } from '../../../testkit/plane-process.ts'
import { Lane, type Problem, type Work } from './lane.ts'
import { WorkerModel, loadModel } from './models.ts'

const signature = floatSignature(1)
const layout = compileLayout(signature)
const inlineMeasured = { loadMs: 1, p99Ms: 0.01, isBatched: true, outputRanks: [2] }

interface Asked extends Work {
  outcome: Promise<Problem | null>
}

function ask(values: number[], deadline = Infinity): Asked {
  let settle: (problem: Problem | null) => void = () => {}
  const outcome = new Promise<Problem | null>((resolve) => (settle = resolve))
  const n = values.length
  const block = { n, num: values, str: [] }
  return {
    block,
    from: 0,
    to: n,
    out: emptyBlock(layout.outputs, n),
    errors: null,
    failed: 0,
    deadline,
    isBackground: false,
    isAbandoned: () => false,
    settle,
    outcome,
  }
}

async function aLane(graph = linearModel([2], 1)): Promise<{ lane: Lane; model: WorkerModel }> {
  const model = new WorkerModel(graph, signature, layout)
  await model.start()
  const lane: Lane = new Lane(model, () => setImmediate(() => lane.pump()))
  return { lane, model }
}

test('a dead thread fails what it held and comes back', async () => {
  const { lane, model } = await aLane(loopModel())
  const held = ask([2e5])
  lane.submit(held)
  lane.pump()
  await model.terminate()
  expect(await held.outcome).toBe('crashed')
  for (let i = 0; i < 100 && !model.isReady; i++) await new Promise((resolve) => setTimeout(resolve, 50))
  const next = ask([3])
  lane.submit(next)
  expect(await next.outcome).toBe(null)
  expect(next.out.num).toEqual([3])
  model.dispose()
})

test('a request larger than a batch is cut and put together again, others between its parts', async () => {
  const { lane, model } = await aLane()
  const large = ask(Array.from({ length: 1000 }, (_, i) => i))
  const small = ask([5])
  lane.submit(large)
  lane.submit(small)
  expect(await large.outcome).toBe(null)
  expect(await small.outcome).toBe(null)
  expect(large.out.num).toEqual(Array.from({ length: 1000 }, (_, i) => 2 * i + 1))
  expect(lane.queuedRows).toBe(0)
  expect(lane.isIdle).toBe(true)
  model.dispose()
})

test('a model whose rounds depend on its input never runs on the event loop', async () => {
  const model = await loadModel(loopModel(), signature, layout)
  expect(model.kind).toBe('worker')
  expect(model.measured?.p99Ms).toBeLessThan(5)
  model.dispose()
})

test('what a graph has proved before is believed, but for rounds that depend on its input', async () => {
  const first = await loadModel(linearModel([2], 1), signature, layout)
  const again = await loadModel(linearModel([2], 1), signature, layout, { ...inlineMeasured, loadMs: 3 })
  expect([first.kind, again.kind, again.measured?.loadMs]).toEqual(['inline', 'inline', 3])
  const loop = await loadModel(loopModel(), signature, layout, inlineMeasured)
  expect(loop.kind).toBe('worker')
  for (const model of [first, again, loop]) model.dispose()
})

test('a run that does not return fails alone; another thread takes over', async () => {
  const model = new WorkerModel(loopModel(), signature, layout)
  await model.start()
  const endless = model.score([ask([2e7])])
  model.abandon()
  await expect(endless).rejects.toThrow('does not return')
  for (let i = 0; i < 100 && !model.isReady; i++) await new Promise((resolve) => setTimeout(resolve, 50))
  const next = ask([2])
  await model.score([next])
  expect(next.out.num).toEqual([2])
  model.dispose()
})

test('what waits past its deadline is told so', async () => {
  const { lane, model } = await aLane()
  const late = ask([1], performance.now() - 1)
  lane.submit(late)
  expect(await late.outcome).toBe('deadline')
  model.dispose()
})
