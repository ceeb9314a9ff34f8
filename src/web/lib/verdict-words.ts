import type { Incident, MonitorState, MonitorSummary } from '../../contract/monitoring.ts'
import type { State } from '../ui/state.ts'
import { day, number, sentenceCase } from './format.ts'

export interface Said {
  state: State
  word: string
}

const monitorStates: Record<MonitorState, Said> = {
  healthy: { state: 'ok', word: 'Healthy' },
  warning: { state: 'warn', word: 'Warning' },
  degraded: { state: 'crit', word: 'Degraded' },
  quarantined: { state: 'unknown', word: 'Quarantined' },
  insufficient: { state: 'unknown', word: 'Not enough data' },
  recovering: { state: 'warn', word: 'Recovering' },
}

export const saidOf = (state: MonitorState): Said => monitorStates[state]

const checkStates: Record<'ok' | 'warning' | 'critical' | 'unknown' | 'running', Said> = {
  ok: { state: 'ok', word: 'ok' },
  warning: { state: 'warn', word: 'warning' },
  critical: { state: 'crit', word: 'critical' },
  unknown: { state: 'unknown', word: 'not known' },
  running: { state: 'running', word: 'running' },
}

/** For tiles, checks and entries. */
export const saidOfCheck = (state: keyof typeof checkStates): Said => checkStates[state]

const metricNames: Record<string, string> = {
  wape: 'WAPE',
  mae: 'MAE',
  rmse: 'RMSE',
  log_loss: 'Log loss',
  accuracy: 'Accuracy',
  auc: 'AUC',
  f1: 'F1',
  precision: 'Precision',
  recall: 'Recall',
}

const metricMeanings: Record<string, string> = {
  wape: 'weighted absolute percentage error: sum of |prediction − truth| over sum of |truth|',
  mae: 'mean absolute error',
  rmse: 'root mean squared error',
  log_loss: 'mean negative log likelihood',
  accuracy: 'share of right answers',
  auc: 'area under the ROC curve',
  f1: 'harmonic mean of precision and recall',
  precision: 'share of the answers 1 that are true',
  recall: 'share of the true 1 that were found',
}

export const metricName = (metric: string): string => metricNames[metric] ?? metric
export const metricMeaning = (metric: string): string => metricMeanings[metric] ?? metric

export const signalWords: Record<Incident['signal'], string> = {
  performance: 'lost performance',
  inputs: 'broken inputs',
  volume: 'unusual volume',
  errors: 'failed requests',
  capture: 'lost records',
  drift: 'drift',
}

const counts = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve']

/** `three`; above twelve the figure. */
export const inWords = (value: number): string => counts[value] ?? String(value)

export const nameOf = (monitor: MonitorSummary): string => monitor.model ?? monitor.endpoint

/** Whether each model answers at one watched endpoint only, so that its name tells the rows apart. */
const areModels = (monitors: readonly MonitorSummary[]): boolean =>
  new Set(monitors.map(nameOf)).size === monitors.length

/** `bike-demand has been degraded since 2 May 2011`, with no full stop. */
function predicate(monitor: MonitorSummary, among: readonly MonitorSummary[]): string {
  const since = monitor.since === null ? '' : ` since ${day(monitor.since)}`
  const said: Record<MonitorState, string> = {
    healthy: `is healthy`,
    warning: 'is outside its limit in one window',
    degraded: `has been degraded${since}`,
    quarantined: `has been quarantined${since}`,
    recovering: `has been recovering${since}`,
    insufficient: 'has too little data to be judged',
  }
  return `${areModels(among) ? nameOf(monitor) : monitor.endpoint} ${said[monitor.state]}`
}

/** The first thing that is read: how many are healthy, and which is the worst. The monitors come worst first. */
export function headline(monitors: readonly MonitorSummary[]): string {
  const total = monitors.length
  const [worst] = monitors
  if (!worst) return 'Nothing is watched yet.'
  const healthy = monitors.filter((monitor) => monitor.state === 'healthy').length
  if (total === 1) return `${predicate(worst, monitors)}.`
  const noun = areModels(monitors) ? 'models' : 'endpoints'
  if (healthy === total) return total === 2 ? `Both ${noun} are healthy.` : `All ${inWords(total)} ${noun} are healthy.`
  const share = healthy === 0 ? 'None' : sentenceCase(inWords(healthy))
  return `${share} of ${inWords(total)} ${noun} ${healthy <= 1 ? 'is' : 'are'} healthy; ${predicate(worst, monitors)}.`
}

/** The others that are not healthy: the line under the headline. */
export function others(monitors: readonly MonitorSummary[]): string {
  const rest = monitors.slice(1).filter((monitor) => monitor.state !== 'healthy')
  if (rest.length === 0) return ''
  const said = rest.slice(0, 3).map((monitor) => predicate(monitor, monitors))
  const last = rest.length > 3 ? `${inWords(rest.length - 3)} more are not healthy` : said.pop()
  return `${[said.join(', '), last].filter((part) => part !== '').join(' and ')}.`
}

/** The number of a `numbers` record, if it is one. */
export function numberIn(numbers: Readonly<Record<string, unknown>>, name: string): number | null {
  const value = numbers[name]
  return typeof value === 'number' ? value : null
}

/** For a hover: `margin 5.00 · n 34 · lower −15.9`. */
export function asNumbers(numbers: Readonly<Record<string, unknown>>): string {
  return Object.entries(numbers)
    .filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => `${name} ${typeof value === 'number' ? number(value, 4) : String(value)}`)
    .join(' · ')
}
