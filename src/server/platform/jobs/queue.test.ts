import { afterAll, beforeAll, expect, test } from 'vitest'
import { startStack, TestClock, type Stack } from '../../../testkit/stack.ts'
import { claimJob, deferJob, finishJob, listDeadJobs, releaseExpired } from './queue.ts'

const clock = new TestClock()
let stack: Stack
beforeAll(async () => {
  stack = await startStack({ running: false, clock })
})
afterAll(() => stack[Symbol.asyncDispose]())

const leaseMs = 1_000
const enqueue = (kind: string) => stack.ctx.tx((ctx) => ctx.enqueue({ kind, key: 'one' }))
const claim = (kind: string) => claimJob(stack.ctx.db, [kind], clock.now(), leaseMs)

/** Whoever runs the job is killed, and its lease runs out. */
async function cutOff(kind: string) {
  const job = await claim(kind)
  clock.advance(leaseMs + 1)
  await releaseExpired(stack.ctx.db, clock.now(), clock.now())
  return job
}

test('an attempt that a kill cut off is not counted against the job', async () => {
  await enqueue('export')
  for (let kill = 0; kill < 5; kill += 1) expect((await cutOff('export'))?.attempts).toBe(1)
  const job = await claim('export')
  expect(job?.attempts).toBe(1)
  if (!job) return
  await deferJob(stack.ctx.db, job, clock.now(), 'no memory')
  expect((await claim('export'))?.attempts).toBe(2)
})

test('a job over which the server dies ten times in a row is dead; one attempt that ended begins the count anew', async () => {
  await enqueue('poison')
  for (let kill = 0; kill < 9; kill += 1) await cutOff('poison')
  const job = await claim('poison')
  if (!job) throw new Error('the job is not there')
  await deferJob(stack.ctx.db, job, clock.now(), null)
  for (let kill = 0; kill < 10; kill += 1) expect(await cutOff('poison')).toBeDefined()
  expect(await claim('poison')).toBeUndefined()
  expect(await listDeadJobs(stack.ctx.db, 5)).toMatchObject([
    { kind: 'poison', error: 'the server was killed 10 times in a row while it ran' },
  ])
})

test('who lost the lease ends nothing', async () => {
  await enqueue('late')
  const lost = await cutOff('late')
  const now = await claim('late')
  if (!lost || !now) throw new Error('the job is not there')
  expect(await finishJob(stack.ctx.db, lost, clock.now())).toBe(false)
  expect(await finishJob(stack.ctx.db, now, clock.now())).toBe(true)
})
