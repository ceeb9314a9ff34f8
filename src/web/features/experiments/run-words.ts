import type { Run } from '../../../contract/experiments.ts'
import { duration, given, number } from '../../lib/format.ts'
import type { State } from '../../ui/state.ts'

export const runStates: Readonly<Record<Run['status'], { state: State; word: string }>> = {
  RUNNING: { state: 'running', word: 'Running' },
  SCHEDULED: { state: 'unknown', word: 'Scheduled' },
  FINISHED: { state: 'ok', word: 'Finished' },
  FAILED: { state: 'crit', word: 'Failed' },
  KILLED: { state: 'skipped', word: 'Killed' },
}

export const metricOf = (run: Run, key: string): number | null =>
  run.metrics.find((point) => point.key === key)?.value ?? null

/** It logged NaN or an infinite value, which JSON cannot say. */
export const isNotFinite = (run: Run, key: string): boolean =>
  run.metrics.some((point) => point.key === key && point.value === null)

export const paramOf = (run: Run, key: string): string | null =>
  run.params.find((pair) => pair.key === key)?.value ?? null

export const tagOf = (run: { tags: Run['tags'] }, key: string): string | null =>
  run.tags.find((pair) => pair.key === key)?.value ?? null

export const isNumeric = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text))

/** A parameter as a value: a number where it is one. */
export const paramValue = (text: string | null): string | number | null =>
  text !== null && isNumeric(text) ? Number(text) : text

const instant = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|\+00:?00)?$/

/** A number with the digits it was given, an instant without its seconds, any other text as it is. */
export const paramWord = (text: string | null): string => {
  const value = paramValue(text)
  if (typeof value === 'number') return given(value)
  return value !== null && instant.test(value) ? value.slice(0, 16).replace('T', ' ') : (value ?? '—')
}

/** How long it took; null while it runs and nobody knows. */
const tookOf = (run: Run): number | null =>
  run.ended_at === null || run.started_at === 0 ? null : run.ended_at - run.started_at

export const tookWord = (run: Run): string => duration(tookOf(run))

export const shortId = (id: string): string => id.slice(0, 6)

/** The metric that runs are judged by, and whether less of it is better. */
export interface Measure {
  key: string
  lower: boolean
}

const lowerIsBetter =
  /(^|[_.\-/ ])(loss|mae|mse|rmse|wape|mape|smape|rmsle|error|err|perplexity|logloss|brier|deviance|wer|cer|fid)(?=$|[_.\-/ \d])/i
const higherIsBetter =
  /(^|[_.\-/ ])(accuracy|acc|auc|f1|r2|score|precision|recall|map|ndcg|bleu|rouge|iou|roc)(?=$|[_.\-/ \d])/i
const validation = /(^|[_.\-/ ])(val|valid|validation|cv)(?=$|[_.\-/ ])/i
const heldOut = /(^|[_.\-/ ])(val|valid|validation|test|eval|backtest|cv|best)(?=$|[_.\-/ ])/i

/** Undefined where the name does not say which way is better. */
export function directionOf(key: string): Measure | undefined {
  if (lowerIsBetter.test(key)) return { key, lower: true }
  if (higherIsBetter.test(key)) return { key, lower: false }
  return undefined
}

/** The sorted metric; else the one that most runs have: validation before test, held-out data before training data. */
export function measureOf(runs: readonly Run[], sort: string): Measure | undefined {
  const sorted = /^(-?)metrics\.(.+)$/.exec(sort)
  if (sorted?.[2]) return { key: sorted[2], lower: sorted[1] === '' }
  const counts = new Map<string, number>()
  for (const run of runs) for (const { key } of run.metrics) counts.set(key, (counts.get(key) ?? 0) + 1)
  const weight = ([key, times]: [string, number]): number =>
    times * (validation.test(key) ? 5 : heldOut.test(key) ? 4 : 1)
  return [...counts]
    .toSorted((a, b) => weight(b) - weight(a))
    .map(([key]) => directionOf(key))
    .find((measure) => measure !== undefined)
}

/** Where `next` stands against `best`: `2.0 % better`. */
export function leadOf(best: number, next: number): string | undefined {
  if (next === 0 || best === next) return undefined
  return `${number((Math.abs(next - best) / Math.abs(next)) * 100, 2)} % better than the next`
}

/** The best of the runs by the measure. */
export function bestOf(runs: readonly Run[], measure: Measure | undefined): Run | undefined {
  if (!measure) return undefined
  const valued = runs.filter((run) => metricOf(run, measure.key) !== null)
  const sign = measure.lower ? 1 : -1
  return valued.toSorted((a, b) => sign * ((metricOf(a, measure.key) ?? 0) - (metricOf(b, measure.key) ?? 0)))[0]
}

/** All keys of metrics or params, the most frequent first. */
export function keysOf(runs: readonly Run[], kind: 'metrics' | 'params'): string[] {
  const counts = new Map<string, number>()
  for (const run of runs) for (const { key } of run[kind]) counts.set(key, (counts.get(key) ?? 0) + 1)
  return [...counts].toSorted((a, b) => b[1] - a[1] || a[0].localeCompare(b[0])).map(([key]) => key)
}

/** How many values a param has in the runs; one that is missing somewhere counts half. */
function spreadOf(runs: readonly Run[], key: string): number {
  const values = new Set(runs.map((run) => paramOf(run, key)))
  return values.has(null) ? values.size - 0.5 : values.size
}

/** The params that do not have one value everywhere; those with several values before those that are only missing. */
export const differingParams = (runs: readonly Run[]): string[] =>
  keysOf(runs, 'params')
    .filter((key) => spreadOf(runs, key) > 1)
    .toSorted((a, b) => Number(spreadOf(runs, b) >= 2) - Number(spreadOf(runs, a) >= 2))

/** As a word of the filter language: quoted where it is not plain. */
export const filterWord = (kind: string, key: string): string =>
  /^[A-Za-z_][\w./-]*$/.test(key) ? `${kind}.${key}` : `${kind}.\`${key}\``
