import type { Metric } from '../../../contract/monitoring.ts'

const names: Partial<Record<Metric, string>> = {
  log_loss: 'log loss',
  accuracy: 'accuracy',
  precision: 'precision',
  recall: 'recall',
}

export const metricName = (metric: Metric): string => names[metric] ?? metric.toUpperCase()
