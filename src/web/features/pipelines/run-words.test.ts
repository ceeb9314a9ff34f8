import { expect, test } from 'vitest'
import type { PipelineNode } from '../../../contract/pipelines.ts'
import { firstToSee } from './run-words.ts'

const node = (name: string, took: number, more: Partial<PipelineNode> = {}): PipelineNode => ({
  name,
  kind: 'run',
  state: 'succeeded',
  needs: [],
  passed: null,
  sentence: null,
  outputs: {},
  ready_at: 0,
  started_at: 0,
  ended_at: took,
  attempts: [],
  ...more,
})

test('of a run that succeeded the step is seen first that took longest, wherever it stands', () => {
  const steps = [node('load', 10), node('train', 90, { needs: ['load'] }), node('deploy', 5, { needs: ['train'] })]
  expect(firstToSee(steps, 200)?.name).toBe('train')
})

test('what failed comes before what took longest, and before that what decided against', () => {
  const against = node('gate', 5, { kind: 'check', passed: false })
  expect(firstToSee([node('train', 90), against], 200)?.name).toBe('gate')
  expect(firstToSee([node('train', 90), against, node('load', 1, { state: 'failed' })], 200)?.name).toBe('load')
})
