import type { Command } from 'commander'
import { closeIncident, getIncident, getMonitor, listIncidents, listMonitors } from '../../contract/monitoring.ts'
import { call } from '../call.ts'
import { usage } from '../failure.ts'
import { verb, type JsonOption } from '../options.ts'
import { number, printFacts, printJson, printList, state, table, when } from '../output.ts'

export function register(program: Command): void {
  const monitor = program.command('monitor').description('How the endpoints are doing.')
  verb(monitor, 'list', 'Shows every monitor with its verdict, worst first.').action(list)
  verb(monitor, 'show <endpoint>', 'Shows one monitor: verdict, windows, columns.').action(show)

  const incidents = program.command('incidents').description('What went wrong and what was done.')
  verb(incidents, 'list', 'Shows incidents, open ones first.')
    .option('--endpoint <name>', 'only of this endpoint')
    .option('--state <state>', 'open, recovering or closed')
    .action(listAll)
  verb(incidents, 'show <id>', 'Shows what happened, what Mainstay did, and whether it helped.').action(showIncident)
  verb(incidents, 'close <id>', 'Closes an incident.')
    .requiredOption('--reason <text>', 'why; kept on record')
    .action(close)
}

async function list(options: JsonOption): Promise<void> {
  const { items } = await call(listMonitors, {})
  printList(
    items,
    [
      { head: 'endpoint', cell: (m) => m.endpoint },
      { head: 'state', cell: (m) => state(m.state) },
      { head: 'version', cell: (m) => m.version, align: 'right' },
      { head: 'metric', cell: (m) => m.metric },
      { head: 'value', cell: (m) => number(m.value), align: 'right' },
      { head: 'limit', cell: (m) => number(m.limit), align: 'right' },
      { head: 'incidents', cell: (m) => m.open_incidents, align: 'right' },
      { head: '', cell: (m) => m.sentence },
    ],
    { ...options, empty: 'no monitors; declare one under monitors: in mainstay.yaml and run `mainstay apply`' },
  )
}

async function show(endpoint: string, options: JsonOption): Promise<void> {
  const monitor = await call(getMonitor, { endpoint })
  if (options.json) return printJson(monitor)
  printFacts({
    endpoint: monitor.endpoint,
    state: state(monitor.state),
    since: when(monitor.since),
    version: monitor.version,
    limit: number(monitor.limit),
  })
  console.log(`${monitor.sentence}\n`)
  const windows = monitor.windows.slice(-12)
  if (windows.length > 0) {
    console.log(
      table(windows, [
        { head: 'window', cell: (w) => when(w.start) },
        { head: 'state', cell: (w) => state(w.state) },
        { head: monitor.metric, cell: (w) => number(w.value), align: 'right' },
        { head: 'from', cell: (w) => number(w.lower), align: 'right' },
        { head: 'to', cell: (w) => number(w.upper), align: 'right' },
        { head: 'labelled', cell: (w) => `${w.labelled}/${w.rows}`, align: 'right' },
      ]),
    )
  }
  const drifted = monitor.columns.filter((column) => column.state !== 'ok')
  if (drifted.length > 0) {
    console.log(
      `\n${table(drifted, [
        { head: 'column', cell: (c) => c.column },
        { head: 'state', cell: (c) => state(c.state) },
        { head: 'effect', cell: (c) => number(c.effect), align: 'right' },
        { head: 'impact', cell: (c) => number(c.impact), align: 'right' },
        { head: '', cell: (c) => c.what },
      ])}`,
    )
  }
}

async function listAll(options: JsonOption & { endpoint?: string; state?: string }): Promise<void> {
  const wanted = options.state
  if (wanted !== undefined && wanted !== 'open' && wanted !== 'recovering' && wanted !== 'closed') {
    throw usage(`--state is open, recovering or closed, not “${wanted}”`)
  }
  const { items } = await call(listIncidents, {
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(wanted === undefined ? {} : { state: wanted }),
  })
  printList(
    items,
    [
      { head: '#', cell: (i) => i.number, align: 'right' },
      { head: 'id', cell: (i) => i.id },
      { head: 'endpoint', cell: (i) => i.endpoint },
      { head: 'state', cell: (i) => state(i.state) },
      { head: 'severity', cell: (i) => state(i.severity) },
      { head: 'opened', cell: (i) => when(i.opened_event_time) },
      { head: 'what', cell: (i) => i.title },
    ],
    { ...options, empty: 'no incidents' },
  )
}

async function showIncident(id: string, options: JsonOption): Promise<void> {
  const incident = await call(getIncident, { id })
  if (options.json) return printJson(incident)
  console.log(`#${incident.number} ${incident.title}`)
  printFacts({
    endpoint: incident.endpoint,
    state: state(incident.state),
    severity: state(incident.severity),
    cause: incident.cause,
    closed: incident.closed_reason,
  })
  for (const entry of incident.entries) {
    console.log(`\n${when(entry.event_time ?? entry.at)}  ${state(entry.state)}  ${entry.title}\n  ${entry.text}`)
  }
}

async function close(id: string, options: JsonOption & { reason: string }): Promise<void> {
  const incident = await call(closeIncident, { id, reason: options.reason })
  if (options.json) printJson(incident)
  else console.log(`incident #${incident.number} is closed`)
}
