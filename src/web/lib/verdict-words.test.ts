import { expect, test } from 'vitest'
import type { MonitorSummary } from '../../contract/monitoring.ts'
import { headline, others } from './verdict-words.ts'

const monitor = (endpoint: string, model: string, state: MonitorSummary['state']): MonitorSummary => ({
  endpoint,
  model,
  version: 1,
  state,
  since: null,
  sentence: '',
  facts: '',
  metric: 'mae',
  limit: null,
  value: null,
  drifted: null,
  last_action: null,
  rows: [],
  open_incidents: 0,
  watermark: null,
})

test('models are named by their own names while each answers at one endpoint', () => {
  const monitors = [monitor('at-night', 'churn', 'insufficient'), monitor('eta', 'eta', 'healthy')]
  expect(headline(monitors)).toBe('One of two models is healthy; churn has too little data to be judged.')
})

test('two endpoints of one model are told apart', () => {
  const monitors = [
    monitor('churn-night', 'churn', 'degraded'),
    monitor('churn-day', 'churn', 'insufficient'),
    monitor('eta', 'eta', 'healthy'),
  ]
  expect(headline(monitors)).toBe('One of three endpoints is healthy; churn-night has been degraded.')
  expect(others(monitors)).toBe('churn-day has too little data to be judged.')
})
