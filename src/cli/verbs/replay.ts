import type { Command } from 'commander'
import { Duration, toMs } from '../../contract/duration.ts'
import { usage } from '../failure.ts'
import { collect, verb, type JsonOption } from '../options.ts'
import { number, printJson, Progress, when } from '../output.ts'
import { replayTable, type ReplayOptions, type ReplayProgress, type ReplaySummary } from '../replay/replay.ts'
import { parseTimeParts, toTime } from '../replay/times.ts'

interface Options extends JsonOption {
  endpoint: string
  time?: string
  timeParts?: string
  label?: string
  labelDelay: string
  from?: string
  to?: string
  features?: string
  entity?: string
  speed: string
  barrier: string
  every: string
  barrierTimeout: string
  idPrefix?: string
  set?: string[]
}

export function register(program: Command): void {
  verb(
    program,
    'replay <file>',
    'Sends a CSV or Parquet table through an endpoint as live traffic, in event-time order.',
  )
    .requiredOption('--endpoint <name>', 'the endpoint')
    .option('--time <column>', 'column of the event time')
    .option(
      '--time-parts <parts>',
      'or its parts: year=2011,month=mnth,dayofyear=day,hour=hr (also date, day, minute, second)',
    )
    .option('--label <column>', 'column of the truth')
    .option('--label-delay <duration>', 'how long after its row a label becomes known', '0s')
    .option('--from <time>', 'first event time')
    .option('--to <time>', 'event time to stop before')
    .option('--features <columns>', 'columns to send, comma separated (default: the endpoint’s signature)')
    .option('--entity <column>', 'column of the assignment unit')
    .option('--speed <speed>', 'max, or how many times faster than the wall clock', 'max')
    .option(
      '--barrier <barrier>',
      'window: hold at each boundary until all is judged and decided; none: run free',
      'none',
    )
    .option('--every <duration>', 'distance of the boundaries', '1d')
    .option('--barrier-timeout <duration>', 'longest wait at a boundary', '15m')
    .option('--id-prefix <text>', 'prediction ids are this and the row’s number (default: the file’s name)')
    .option(
      '--set <assignment>',
      'a column’s new value, COLUMN=EXPRESSION, e.g. windspeed=windspeed*67; repeatable',
      collect,
    )
    .action(replay)
}

async function replay(file: string, options: Options): Promise<void> {
  const progress = new Progress()
  const abort = new AbortController()
  process.once('SIGINT', () => abort.abort())
  const shown = new Set<string>()
  try {
    const summary = await replayTable({ ...toOptions(file, options), signal: abort.signal }, (now) =>
      progress.show(lineOf(now)),
    )
    progress.end()
    for (const { status, error, count } of summary.errors) {
      if (shown.has(error)) continue
      shown.add(error)
      console.error(`${status === 0 ? 'no answer' : status} × ${count}: ${error}`)
    }
    if (options.json) printJson(summary)
    else console.log(sentenceOf(summary))
  } finally {
    progress.end()
  }
}

function lineOf(now: ReplayProgress): string {
  const waits = now.pending.length > 0 ? `  waits: ${now.pending.join('; ')}` : ''
  return `${when(now.time)}  ${now.sent}/${now.rows} rows  ${now.rowsPerSecond} rows/s  ${now.errors} errors  ${now.version === null ? '' : `v${now.version}`}${waits}`
}

function sentenceOf(summary: ReplaySummary): string {
  const { predictions, failed, refused, labels, barriers } = summary
  const span = `${when(summary.first)} to ${when(summary.last)}`
  return [
    `${number(predictions)} predictions of ${number(summary.rows)} rows, ${span}, ${number(summary.rows_per_second)} rows/s`,
    `${number(labels)} labels, ${number(barriers)} boundaries, ${number(failed)} failed, ${number(refused)} refused`,
    `${summary.endpoint} now serves ${summary.version === null ? 'nothing' : `version ${summary.version}`}`,
  ].join('\n')
}

function toOptions(file: string, options: Options): ReplayOptions {
  if ((options.time === undefined) === (options.timeParts === undefined))
    throw usage('give one of --time and --time-parts')
  if (options.barrier !== 'window' && options.barrier !== 'none')
    throw usage(`--barrier is window or none, not “${options.barrier}”`)
  const speed = options.speed === 'max' ? 'max' : Number(options.speed)
  if (speed !== 'max' && !(speed > 0)) throw usage(`--speed is max or a number above 0, not “${options.speed}”`)
  return {
    file,
    endpoint: options.endpoint,
    time: options.time === undefined ? { parts: parseTimeParts(options.timeParts ?? '') } : { column: options.time },
    label: options.label,
    labelDelayMs: durationOption('--label-delay', options.labelDelay),
    from: timeOption('--from', options.from),
    to: timeOption('--to', options.to),
    features: options.features?.split(',').map((name) => name.trim()),
    entity: options.entity,
    speed,
    barrier: options.barrier,
    everyMs: durationOption('--every', options.every),
    barrierTimeoutMs: durationOption('--barrier-timeout', options.barrierTimeout),
    idPrefix: options.idPrefix,
    set: Object.fromEntries((options.set ?? []).map(splitAssignment)),
  }
}

function durationOption(name: string, text: string): number {
  const read = Duration.safeParse(text)
  if (!read.success) throw usage(`${name}: “${text}” is no duration`, 'Write it like 30s, 5m, 1h30m or 7d.')
  return toMs(read.data)
}

function timeOption(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const time = toTime(/^\d{5,}$/.test(text) ? Number(text) : text)
  if (time === undefined)
    throw usage(`${name} “${text}” is no time`, 'Write it like 2011-06-16 or 2011-06-16T05:00:00Z.')
  return time
}

function splitAssignment(text: string): [string, string] {
  const at = text.indexOf('=')
  if (at <= 0) throw usage(`“${text}” is not COLUMN=EXPRESSION`)
  return [text.slice(0, at).trim(), text.slice(at + 1)]
}
