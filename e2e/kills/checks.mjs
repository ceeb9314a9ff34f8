import { readFileSync } from 'node:fs'
import { bikesFile, dayMs, dayOf, endpoint } from '../lib/bikes.mjs'
import { until } from '../lib/mainstay.mjs'

const features = ['season', 'hr', 'weekday', 'workingday', 'holiday', 'weathersit', 'temp', 'hum', 'windspeed']
const few = (items) => items.slice(0, 3).join(', ')
const repeated = (items) => [...new Set(items.filter((item, index) => items.indexOf(item) !== index))]

/** What each id was sent with: the replay numbers the rows of the file. */
function sentRows() {
  const [head = '', ...lines] = readFileSync(bikesFile(), 'utf8').trimEnd().split(/\r?\n/)
  const bare = (text) => text.replaceAll('"', '')
  const names = head.split(',').map(bare)
  return new Map(
    lines.map((line, index) => {
      const cells = line.split(',').map(bare)
      return [`Bikeshare-${index + 1}`, Object.fromEntries(names.map((name, at) => [name, cells[at]]))]
    }),
  )
}

const isSame = (logged, sent) => String(logged) === sent || Number(logged) === Number(sent)

/** Every acknowledged prediction is in the log exactly once with its inputs, and its label is joined. */
export async function checkLog({ mainstay, report, acknowledged }) {
  // The rows since the newest window were answered, but nobody has waited for them and their labels yet.
  const isThere = async () => {
    const there = new Set(
      (await mainstay.predictions(endpoint)).filter(({ label }) => label !== null).map(({ id }) => id),
    )
    return [...acknowledged].every((id) => there.has(id))
  }
  await until('the log', isThere, 30_000).catch(() => undefined)
  const log = await mainstay.predictions(endpoint)
  const byId = new Map()
  for (const row of log) byId.set(row.id, [...(byId.get(row.id) ?? []), row])
  const ids = [...acknowledged]
  const sent = sentRows()

  const absent = ids.filter((id) => !byId.has(id))
  report.check(
    `each of ${ids.length} acknowledged predictions is in the log`,
    ids.length > 0 && absent.length === 0,
    absent.length === 0 ? '' : `${absent.length} are not: ${few(absent)}`,
  )
  const twice = [...byId].filter(([, rows]) => rows.length > 1).map(([id]) => id)
  report.check('and none is there twice', twice.length === 0, few(twice))
  const changed = ids.filter(
    (id) => byId.has(id) && !features.every((name) => isSame(byId.get(id)[0][name], sent.get(id)?.[name])),
  )
  report.check(
    'with the inputs that were sent',
    changed.length === 0,
    changed.length === 0 ? '' : `${changed.length} differ: ${JSON.stringify(byId.get(changed[0])[0])}`,
  )
  const unlabelled = ids.filter((id) => byId.has(id) && byId.get(id)[0].label !== Number(sent.get(id)?.bikers))
  report.check(
    'and each acknowledged label is joined',
    unlabelled.length === 0,
    unlabelled.length === 0 ? '' : `${unlabelled.length} are not: ${few(unlabelled)}`,
  )
}

/** Each node has one result; what its script logged is there; each registered version comes from one run. */
export async function checkPipelines({ mainstay, report }) {
  const { items } = await mainstay.get('/pipeline-runs?limit=100')
  const runs = await Promise.all(items.map(({ id }) => mainstay.get(`/pipeline-runs/${id}`)))
  const ended = runs.filter((run) => run.ended_at !== null)
  report.check(
    'every pipeline run that ended did so by itself',
    ended.every((run) => run.state === 'succeeded'),
    ended
      .map((run) => `${run.trigger.kind} ${run.state}${run.state === 'succeeded' ? '' : ` (${run.sentence})`}`)
      .join(', '),
  )
  const nodes = ended.flatMap((run) => run.nodes.map((node) => ({ ...node, run: run.id })))
  const succeeded = (node) => node.attempts.filter((attempt) => attempt.reason === 'succeeded').length
  const odd = nodes.filter((node) => !['succeeded', 'cached', 'skipped'].includes(node.state) || succeeded(node) > 1)
  report.check(
    `each of ${nodes.length} steps has one committed result`,
    odd.length === 0,
    odd
      .map((node) => `${node.run}/${node.name} ${node.state}: ${node.attempts.map(({ reason }) => reason).join(', ')}`)
      .join('; '),
  )
  const open = nodes.flatMap((node) => node.attempts.filter((attempt) => attempt.state === 'running'))
  report.check('no attempt of an ended run is still open', open.length === 0)
  await checkLogged({
    mainstay,
    report,
    nodes: nodes.filter(({ kind, state }) => kind === 'run' && state === 'succeeded'),
  })
  await checkVersions({ mainstay, report, nodes })
}

async function checkLogged({ mainstay, report, nodes }) {
  for (const node of nodes.filter(({ outputs }) => outputs.model !== undefined)) {
    const { run } = node.outputs.metrics ?? {}
    const logged = run === undefined ? undefined : await mlflow(mainstay, 'runs/get', { run_id: run })
    const values = logged?.run?.data?.metrics ?? []
    const files = run === undefined ? {} : await mlflow(mainstay, 'artifacts/list', { run_id: run, path: 'mainstay' })
    const folds =
      run === undefined ? {} : await mlflow(mainstay, 'metrics/get-history', { run_id: run, metric_key: 'fold_wape' })
    report.check(
      `metrics and artifacts of ${node.name} are there`,
      values.some(({ key, value }) => key === 'backtest_wape' && value > 0 && value < 1) &&
        (folds.metrics ?? []).length === 3 &&
        (files.files ?? []).some(
          ({ path, file_size }) => path === 'mainstay/reference.csv' && Number(file_size) > 10_000,
        ),
      `backtest_wape ${values.find(({ key }) => key === 'backtest_wape')?.value ?? JSON.stringify(node.outputs).slice(0, 300)}`,
    )
  }
}

async function mlflow(mainstay, call, query) {
  const response = await fetch(`${mainstay.url}/api/2.0/mlflow/${call}?${new URLSearchParams(query)}`)
  return await response.json()
}

async function checkVersions({ mainstay, report, nodes }) {
  const { items: versions } = await mainstay.get(`/models/${endpoint}/versions`)
  const registered = nodes
    .filter(({ kind, state }) => kind === 'register' && state === 'succeeded')
    .map(({ outputs }) => outputs.version)
  const numbers = versions.map(({ version }) => version)
  report.check(
    'each register step made one version and no version is doubled',
    repeated(registered).length === 0 &&
      registered.every((version) => numbers.includes(version)) &&
      numbers.length === registered.length,
    `versions ${numbers.join(', ')}; steps ${registered.join(', ')}`,
  )
  const stuck = versions.filter(({ state, status }) => /PENDING|FAILED/i.test(String(state ?? status)))
  report.check('no version is stuck or failed in registration', stuck.length === 0, JSON.stringify(stuck).slice(0, 400))
}

/** No rollout and no action happened twice. */
export async function checkActed({ mainstay, report }) {
  const { items: rollouts } = await mainstay.get(`/rollouts?endpoint=${endpoint}`)
  report.check(
    'no version was rolled out twice',
    repeated(rollouts.map(({ candidate }) => candidate)).length === 0,
    rollouts.map(({ candidate, stage }) => `v${candidate} ${stage}`).join(', '),
  )
  report.check('at most one rollout is open', rollouts.filter(({ ended_at }) => ended_at === null).length <= 1)
  const { items: actions } = await mainstay.get(`/actions?endpoint=${endpoint}`)
  const keys = actions.map(({ rule, event_time }) => `${rule} ${dayOf(event_time)}`)
  report.check('no action was taken twice', repeated(keys).length === 0, keys.join(', '))
  const { items: runs } = await mainstay.get('/pipeline-runs?limit=100')
  const byAction = runs.filter(({ trigger }) => trigger.kind === 'automation').map(({ trigger }) => trigger.ref)
  report.check(
    'each retraining started one pipeline run',
    repeated(byAction).length === 0 &&
      actions.filter(({ kind, run }) => kind === 'retrain' && run !== null).length === byAction.length,
    `${byAction.length} runs`,
  )
  report.check('the loop acted: performance left its limit and a retraining was started', byAction.length >= 1)
}

/** The loop went on: every week up to the end was judged, none left out and none judged twice. */
export async function checkWindows({ mainstay, report, from, to }) {
  const { windows } = await mainstay.get(`/monitors/${endpoint}?from=${from}&to=${to + 30 * dayMs}`)
  const starts = windows.map(({ start }) => start).toSorted((a, b) => a - b)
  const span = windows[0] ? windows[0].end - windows[0].start : 7 * dayMs
  const gaps = starts.slice(1).filter((start, index) => start - starts[index] !== span)
  // The newest window waits for its labels, a day behind.
  const last = (starts.at(-1) ?? 0) + span
  report.check(
    'every window was judged once, without a gap, through the end',
    windows.length > 0 && gaps.length === 0 && starts[0] <= from + span && to - last < span + 2 * dayMs,
    windows.map(({ start, state, value }) => `${dayOf(start)} ${state} ${value?.toFixed(3) ?? ''}`).join('; '),
  )
}
