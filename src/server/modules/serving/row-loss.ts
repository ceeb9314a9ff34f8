import { rowLogLoss } from '../../../stats/performance-classification.ts'
import { predictionColumns } from './prediction-columns.ts'

/** Metrics that are a mean of what each row loses, so that two versions can be compared row by row. */
export type LossMetric = 'wape' | 'mae' | 'rmse' | 'log_loss' | 'accuracy'

type Value = string | number | boolean | null | undefined

const numberOf = (value: Value): number => {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value === 'true' || value === 'false') return value === 'true' ? 1 : 0
  return typeof value === 'number' ? value : typeof value === 'string' && value !== '' ? Number(value) : Number.NaN
}

/** One row's loss for a metric from a model's outputs by name; null when the outputs or the label cannot carry it. */
export function lossOf(metric: LossMetric, outputs: Readonly<Record<string, Value>>, label: Value): number | null {
  const columns = predictionColumns(Object.keys(outputs))
  if (!columns || label === null || label === undefined) return null
  const answer = outputs[columns.value]
  if (metric === 'accuracy') {
    if (answer === null || answer === undefined) return null
    return String(answer) === String(label) || numberOf(answer) === numberOf(label) ? 0 : 1
  }
  const y = numberOf(label)
  if (metric === 'log_loss') {
    const probability = columns.probability === undefined ? Number.NaN : numberOf(outputs[columns.probability])
    return (y === 0 || y === 1) && Number.isFinite(probability) ? rowLogLoss(y === 1, probability) : null
  }
  const error = numberOf(answer) - y
  if (!Number.isFinite(error)) return null
  return metric === 'rmse' ? error * error : Math.abs(error)
}

/** What the metric divides a row's loss by: |y| for WAPE, 1 else. */
export function weightOf(metric: LossMetric, label: Value): number {
  return metric === 'wape' ? Math.abs(numberOf(label)) : 1
}

/** The metric as people read it, from the mean of what rows lose: the root for RMSE, the share of right answers for accuracy. */
export function metricOfMean(metric: string, mean: number): number {
  if (metric === 'accuracy') return 1 - mean
  return metric === 'rmse' ? Math.sqrt(mean) : mean
}

/** The answer itself as a number, from a model's outputs by name; NaN when it is none. */
export function answerOf(outputs: Readonly<Record<string, Value>>): number {
  const columns = predictionColumns(Object.keys(outputs))
  return columns === undefined ? Number.NaN : numberOf(outputs[columns.value])
}
