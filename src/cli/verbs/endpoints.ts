import type { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { rollbackEndpoint } from '../../contract/rollouts.ts'
import { getEndpoint, type LabelInput, listEndpoints, playground, putLabels } from '../../contract/serving.ts'
import { call } from '../call.ts'
import { usage } from '../failure.ts'
import { assignments, verb, type JsonOption } from '../options.ts'
import { number, printFacts, printJson, printList, Progress, state, table, when } from '../output.ts'
import { parseCsv } from '../replay/csv.ts'
import { toTime } from '../replay/times.ts'

export function register(program: Command): void {
  const endpoints = program.command('endpoints').description('What serves predictions.')
  verb(endpoints, 'list', 'Shows every endpoint.').action(list)
  verb(endpoints, 'show <name>', 'Shows one endpoint: variants, split, latency, signature.').action(show)
  verb(endpoints, 'rollback <name>', rollbackEndpoint.summary)
    .requiredOption('--reason <text>', 'why; kept on record')
    .action(rollback)
  verb(program, 'predict <endpoint> [values...]', 'One prediction by hand, from NAME=VALUE … or a JSON row.').action(
    predict,
  )
  verb(program, 'labels <endpoint> <file>', 'Sends labels from a CSV or JSONL file with the columns id, value and at.')
    .option('--id <column>', 'column of the prediction id', 'id')
    .option('--value <column>', 'column of the truth', 'value')
    .option('--at <column>', 'column of the time at which it became known', 'at')
    .action(labels)
}

async function list(options: JsonOption): Promise<void> {
  const { items } = await call(listEndpoints, {})
  printList(
    items,
    [
      { head: 'endpoint', cell: (e) => e.name },
      { head: 'state', cell: (e) => state(e.state) },
      {
        head: 'serves',
        cell: (e) => e.variants.map((v) => `${v.model}/${v.version} ${number(v.weight * 100)} %`).join(', '),
      },
      { head: 'rows', cell: (e) => number(e.captured.rows), align: 'right' },
      { head: 'watermark', cell: (e) => when(e.watermark) },
    ],
    {
      ...options,
      empty: 'no endpoints; `mainstay deploy MODEL --endpoint NAME` makes one, or declare it in mainstay.yaml',
    },
  )
}

async function rollback(name: string, options: JsonOption & { reason: string }): Promise<void> {
  const result = await call(rollbackEndpoint, { name, reason: options.reason })
  if (options.json) return printJson(result)
  const when = result.acknowledged ? '' : ' as soon as the data plane answers'
  console.log(`${name} goes back from version ${result.from} to version ${result.to}${when}`)
}

async function show(name: string, options: JsonOption): Promise<void> {
  const endpoint = await call(getEndpoint, { name })
  if (options.json) return printJson(endpoint)
  printFacts({
    endpoint: endpoint.name,
    state: state(endpoint.state),
    url: endpoint.predict_url,
    clock: endpoint.spec.clock,
    capture: endpoint.spec.capture,
    watermark: when(endpoint.watermark),
    captured: `${number(endpoint.captured.rows)} rows, ${number(endpoint.captured.labels)} labels, ${number(endpoint.captured.pending_labels)} labels waiting`,
    columns: endpoint.signature?.inputs.map((column) => `${column.name}:${column.kind}`).join(' '),
  })
  if (endpoint.variants.length === 0) return
  console.log(
    `\n${table(endpoint.variants, [
      { head: 'variant', cell: (v) => v.name },
      { head: 'version', cell: (v) => `${v.model}/${v.version}` },
      { head: 'role', cell: (v) => v.role },
      { head: 'weight', cell: (v) => `${number(v.weight * 100)} %`, align: 'right' },
      { head: 'loaded', cell: (v) => state(v.loaded) },
      { head: 'requests', cell: (v) => number(v.requests), align: 'right' },
      { head: 'errors', cell: (v) => number(v.errors), align: 'right' },
      { head: 'p50 ms', cell: (v) => number(v.p50), align: 'right' },
      { head: 'p99 ms', cell: (v) => number(v.p99), align: 'right' },
    ])}`,
  )
}

async function predict(name: string, values: string[], options: JsonOption): Promise<void> {
  const row = values[0]?.trimStart().startsWith('{') ? parseRow(values.join(' ')) : assignments(values)
  const answer = await call(playground, { name, row })
  if (options.json) return printJson(answer)
  for (const [output, value] of Object.entries(answer.outputs))
    console.log(`${output} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)
  console.error(`${answer.variant}, ${number(answer.took_ms)} ms, ${answer.id}`)
}

function parseRow(text: string): Record<string, number | string | boolean | null> {
  try {
    return JSON.parse(text) as Record<string, number | string | boolean | null>
  } catch (error) {
    throw usage(`the row is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}

type Label = z.input<typeof LabelInput>
const batch = 5_000

async function labels(
  name: string,
  file: string,
  options: JsonOption & { id: string; value: string; at: string },
): Promise<void> {
  const records = await readRecords(file)
  const all = records.map((record, index) => toLabel(record, options, index + 1))
  const total = { accepted: 0, unchanged: 0 }
  const progress = new Progress()
  for (let start = 0; start < all.length; start += batch) {
    const { accepted, unchanged } = await call(putLabels, { name, labels: all.slice(start, start + batch) })
    total.accepted += accepted
    total.unchanged += unchanged
    progress.show(`${start + batch} of ${all.length} labels`)
  }
  progress.end()
  if (options.json) printJson(total)
  else console.log(`${number(total.accepted)} labels accepted, ${number(total.unchanged)} were known`)
}

async function readRecords(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8')
  if (!text.trimStart().startsWith('{')) return parseCsv(text)
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as Record<string, unknown>
    } catch {
      throw usage(`line ${index + 1} of ${file} is not JSON`)
    }
  })
}

function toLabel(
  record: Record<string, unknown>,
  columns: { id: string; value: string; at: string },
  row: number,
): Label {
  const id = record[columns.id]
  const value = record[columns.value]
  const at = record[columns.at]
  const isSet = value !== null && value !== undefined && value !== ''
  if ((typeof id !== 'string' && typeof id !== 'number') || !isSet) {
    throw usage(`row ${row} has no ${columns.id} or no ${columns.value}`, 'Name the columns with --id and --value.')
  }
  const typed =
    typeof value === 'string' && Number.isFinite(Number(value)) ? Number(value) : (value as string | number | boolean)
  if (at === undefined || at === null || at === '') return { id: String(id), value: typed }
  const time = typeof at === 'number' || typeof at === 'string' ? toTime(at) : undefined
  if (time === undefined) throw usage(`row ${row}: ${JSON.stringify(at)} is no time`)
  return { id: String(id), value: typed, at: time }
}
