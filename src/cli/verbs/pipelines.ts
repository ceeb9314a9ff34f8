import type { Command } from 'commander'
import * as api from '../../contract/pipelines.ts'
import { call } from '../call.ts'
import { Failure, usage } from '../failure.ts'
import { assignments, collect, verb, type JsonOption } from '../options.ts'
import { printFacts, printJson, printList, Progress, state, table, when } from '../output.ts'

export function register(program: Command): void {
  verb(program, 'run <pipeline>', 'Starts a run of a pipeline and follows its log.')
    .option('-p, --param <assignment>', 'NAME=VALUE; repeatable', collect)
    .option('--key <key>', 'the same key starts one run, however often it is sent')
    .option('--detach', 'start it and return')
    .action(run)
  verb(program, 'why <run> <step>', 'Says why a step ran, came from the cache, or was skipped: field by field.').action(
    why,
  )

  const pipelines = program.command('pipelines').description('Pipelines and their runs.')
  verb(pipelines, 'list', 'Shows pipelines with their newest run.').action(list)
  verb(pipelines, 'show <name>', 'Shows one pipeline: steps, triggers, newest runs.').action(show)
  verb(pipelines, 'runs [pipeline]', 'Shows runs, newest first.')
    .option('--state <state>', 'only in this state')
    .action(runs)
  verb(pipelines, 'cancel <run>', 'Cancels a run.').action(async (id: string, options: JsonOption) => {
    const result = await call(api.cancelRun, { run: id })
    if (options.json) printJson(result)
    else console.log(`${result.id} is ${result.state}${result.sentence === null ? '' : `: ${result.sentence}`}`)
  })
  verb(pipelines, 'retry <run>', 'Runs what failed once more; what succeeded stays.').action(
    async (id: string, options: JsonOption) => {
      const result = await call(api.retryRun, { run: id })
      if (options.json) printJson(result)
      else console.log(`${result.id} is ${result.state}`)
    },
  )
  verb(pipelines, 'logs <run> [step]', 'Prints the logs of a run, or of one step.')
    .option('--follow', 'stay until the run has ended')
    .action(logs)
}

type Run = Awaited<ReturnType<typeof getRun>>
const getRun = (run: string) => call(api.getRun, { run })
const ended = new Set<string>(['succeeded', 'failed', 'cancelled'])
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function run(
  name: string,
  options: JsonOption & { param?: string[]; key?: string; detach?: boolean },
): Promise<void> {
  const started = await call(api.startRun, {
    name,
    params: assignments(options.param ?? []),
    ...(options.key === undefined ? {} : { key: options.key }),
  })
  if (options.detach) {
    if (options.json) printJson(started)
    else
      console.log(
        `${started.id} is ${started.state}; follow it with \`mainstay pipelines logs ${started.id} --follow\``,
      )
    return
  }
  if (!options.json) console.log(started.id)
  process.once('SIGINT', () => {
    console.error(`\n${started.id} goes on; \`mainstay pipelines cancel ${started.id}\` ends it`)
    process.exit(130)
  })
  const result = await follow(started.id, options.json === true ? undefined : process.stdout)
  if (options.json) printJson(result)
  else console.log(`${state(result.state)}${result.sentence === null ? '' : `: ${result.sentence}`}`)
  if (result.state !== 'succeeded')
    throw new Failure(`${result.id} ${result.state}`, {
      next: `Read the step's log: mainstay pipelines logs ${result.id}`,
    })
}

/** Copies the steps' logs as they grow, each line under its step's name, until the run has ended. */
async function follow(id: string, out: NodeJS.WritableStream | undefined): Promise<Run> {
  const offsets = new Map<string, number>()
  const states = new Map<string, string>()
  const progress = new Progress()
  for (;;) {
    const run = await getRun(id)
    for (const node of run.nodes) {
      const isNews = states.get(node.name) !== node.state
      if (node.kind === 'run' && node.attempts.length > 0) await copyLog(id, node.name, offsets, out, progress)
      if (isNews && !['waiting', 'ready'].includes(node.state)) {
        progress.end()
        out?.write(`${node.name}  ${state(node.state)}${node.sentence === null ? '' : `  ${node.sentence}`}\n`)
      }
      states.set(node.name, node.state)
    }
    if (ended.has(run.state)) return run
    const running = run.nodes.filter((node) => node.state === 'running').map((node) => node.name)
    progress.show(running.length > 0 ? `running ${running.join(', ')}` : run.state)
    await sleep(300)
  }
}

async function copyLog(
  run: string,
  node: string,
  offsets: Map<string, number>,
  out: NodeJS.WritableStream | undefined,
  progress: Progress,
): Promise<void> {
  for (;;) {
    const piece = await call(api.readLog, { run, node, offset: offsets.get(node) ?? 0 })
    // Whole lines only, so that two steps do not write into each other's; the last one may lack its end.
    const cut = piece.text.lastIndexOf('\n') + 1
    const isAll = piece.ended || cut === piece.text.length || (cut === 0 && piece.next < piece.size)
    const text = isAll ? piece.text : piece.text.slice(0, cut)
    if (text === '') return
    offsets.set(node, isAll ? piece.next : (offsets.get(node) ?? 0) + Buffer.byteLength(text))
    progress.end()
    out?.write(text.replace(/\n$/, '').replace(/^/gm, `${node} | `) + '\n')
    if (piece.next >= piece.size) return
  }
}

async function logs(run: string, step: string | undefined, options: JsonOption & { follow?: boolean }): Promise<void> {
  if (options.follow) return void (await follow(run, process.stdout))
  const { nodes } = await getRun(run)
  const wanted = nodes.filter((node) =>
    step === undefined ? node.kind === 'run' && node.attempts.length > 0 : node.name === step,
  )
  if (wanted.length === 0)
    throw usage(
      step === undefined ? `${run} has no logs yet` : `${run} has no step “${step}”`,
      `Its steps: ${nodes.map((node) => node.name).join(', ')}.`,
    )
  const texts: Record<string, string> = {}
  for (const { name } of wanted) {
    let offset = 0
    for (;;) {
      const piece = await call(api.readLog, { run, node: name, offset })
      texts[name] = (texts[name] ?? '') + piece.text
      if (!options.json)
        process.stdout.write(
          step === undefined ? piece.text.replace(/\n$/, '').replace(/^/gm, `${name} | `) + '\n' : piece.text,
        )
      if (piece.text === '' || piece.next >= piece.size) break
      offset = piece.next
    }
  }
  if (options.json) printJson(texts)
}

async function list(options: JsonOption): Promise<void> {
  const { items } = await call(api.listPipelines, {})
  printList(
    items,
    [
      { head: 'pipeline', cell: (p) => p.name },
      { head: 'steps', cell: (p) => p.steps, align: 'right' },
      {
        head: 'last run',
        cell: (p) => (p.last_run === null ? '–' : `${state(p.last_run.state)} ${when(p.last_run.created_at)}`),
      },
      { head: 'next', cell: (p) => when(p.next_fire_at) },
    ],
    { ...options, empty: 'no pipelines; declare one under pipelines: in mainstay.yaml and run `mainstay apply`' },
  )
}

const runColumns = [
  { head: 'run', cell: (r: api.PipelineRun) => r.id },
  { head: 'pipeline', cell: (r: api.PipelineRun) => r.pipeline },
  { head: 'state', cell: (r: api.PipelineRun) => state(r.state) },
  { head: 'started', cell: (r: api.PipelineRun) => when(r.started_at ?? r.created_at) },
  { head: 'by', cell: (r: api.PipelineRun) => r.trigger.kind },
  { head: '', cell: (r: api.PipelineRun) => r.sentence ?? '' },
]

async function show(name: string, options: JsonOption): Promise<void> {
  const pipeline = await call(api.getPipeline, { name })
  if (options.json) return printJson(pipeline)
  printFacts({
    pipeline: pipeline.name,
    version: pipeline.version.slice(0, 12),
    steps: pipeline.steps,
    files: pipeline.code.length,
    changed: when(pipeline.updated_at),
  })
  for (const { trigger, next_at } of pipeline.triggers)
    console.log(`trigger  ${JSON.stringify(trigger)}${next_at === null ? '' : `, next ${when(next_at)}`}`)
  for (const { from, to } of pipeline.edges) console.log(`  ${from} → ${to}`)
  if (pipeline.runs.length > 0) console.log(`\n${table(pipeline.runs, runColumns)}`)
}

async function runs(pipeline: string | undefined, options: JsonOption & { state?: string }): Promise<void> {
  const wanted = options.state === undefined ? undefined : api.RunState.safeParse(options.state)
  if (wanted?.success === false)
    throw usage(`--state is one of ${api.RunState.options.join(', ')}, not “${options.state}”`)
  const { items } = await call(api.listRuns, {
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(wanted === undefined ? {} : { state: wanted.data }),
  })
  printList(items, runColumns, { ...options, empty: 'no runs; `mainstay run PIPELINE` starts one' })
}

async function why(run: string, node: string, options: JsonOption): Promise<void> {
  const answer = await call(api.why, { run, node })
  if (options.json) return printJson(answer)
  console.log(answer.sentence)
  const changed = answer.fields.filter((field) => !field.same)
  if (changed.length === 0) return
  const short = (text: string | null): string =>
    text === null ? '–' : text.length > 60 ? `${text.slice(0, 57)}…` : text
  console.log(
    `\n${table(changed, [
      { head: 'changed', cell: (f) => f.field },
      { head: 'before', cell: (f) => short(f.before) },
      { head: 'now', cell: (f) => short(f.now) },
    ])}`,
  )
}
