import type { Command } from 'commander'
import * as api from '../../contract/rollouts.ts'
import { getEndpoint } from '../../contract/serving.ts'
import { call } from '../call.ts'
import { Failure, usage } from '../failure.ts'
import { verb, type JsonOption } from '../options.ts'
import { number, printFacts, printJson, printList, Progress, state, table, when } from '../output.ts'

export function register(program: Command): void {
  verb(program, 'deploy <model>', 'Puts a version on an endpoint: NAME, NAME/VERSION or NAME@ALIAS.')
    .requiredOption('--endpoint <name>', 'the endpoint')
    .option('--direct', 'give it all traffic at once, without shadow and canary')
    .option('--wait', 'return when every live data plane has the version: live, in shadow, or refused by the replay')
    .option('--reason <text>', 'why; kept on record')
    .action(deploy)

  const rollouts = program.command('rollouts').description('Shadow and canary of new versions.')
  verb(rollouts, 'list', 'Shows rollouts, newest first.')
    .option('--endpoint <name>', 'only of this endpoint')
    .action(list)
  verb(rollouts, 'show <id>', 'Shows one rollout with its verdict and evidence.').action(show)
  const acts = {
    promote: api.promoteRollout,
    rollback: api.rollbackRollout,
    pause: api.pauseRollout,
    resume: api.resumeRollout,
  }
  for (const [name, endpoint] of Object.entries(acts)) {
    verb(rollouts, `${name} <id>`, endpoint.summary)
      .requiredOption('--reason <text>', 'why; kept on record')
      .action(async (id: string, options: JsonOption & { reason: string }) => {
        const rollout = await call(endpoint, { id, reason: options.reason })
        if (options.json) printJson(rollout)
        else console.log(`${rollout.id}: ${rollout.sentence}`)
      })
  }
}

/** `bikes`, `bikes/3`, `bikes@champion`. */
export function parseModel(text: string): { model: string; version?: number; alias?: string } {
  const match = /^([^/@]+)(?:\/(\d+)|@([^/@]+))?$/.exec(text)
  if (!match) throw usage(`“${text}” is not NAME, NAME/VERSION or NAME@ALIAS`)
  const [, model = '', version, alias] = match
  return {
    model,
    ...(version === undefined ? {} : { version: Number(version) }),
    ...(alias === undefined ? {} : { alias }),
  }
}

interface DeployOptions extends JsonOption {
  endpoint: string
  direct?: boolean
  wait?: boolean
  reason?: string
}

async function deploy(text: string, options: DeployOptions): Promise<void> {
  const result = await call(api.deploy, {
    name: options.endpoint,
    ...parseModel(text),
    ...(options.direct ? { strategy: 'direct' as const } : {}),
    ...(options.reason === undefined ? {} : { reason: options.reason }),
  })
  const rollout = options.wait && result.rollout !== null ? await waitForRollout(result.rollout) : undefined
  if (options.wait && result.rollout === null && !result.acknowledged)
    await waitForPlane(options.endpoint, result.version)
  if (options.json) return printJson({ ...result, outcome: rollout ?? null })
  if (result.created)
    console.log(`endpoint ${result.endpoint} was made with the defaults; mainstay.yaml may declare it otherwise`)
  if (rollout) console.log(`${rollout.stage}: ${rollout.sentence}`)
  else if (result.rollout !== null)
    console.log(
      `version ${result.version} starts on ${result.endpoint}; follow it with \`mainstay rollouts show ${result.rollout}\``,
    )
  else console.log(`version ${result.version} serves on ${result.endpoint}`)
  if (rollout?.stage === 'rolled_back')
    throw new Failure('the rollout went back', { next: `Read the evidence: mainstay rollouts show ${rollout.id}` })
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function waitForRollout(id: string): Promise<api.Rollout> {
  const progress = new Progress()
  for (;;) {
    const rollout = await call(api.getRollout, { id })
    if (rollout.stage !== 'replay') {
      progress.end()
      return rollout
    }
    progress.show(`${rollout.stage} ${number(rollout.weight * 100)} %  ${rollout.sentence}`)
    await sleep(1_000)
  }
}

async function waitForPlane(endpoint: string, version: number): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    const { variants } = await call(getEndpoint, { name: endpoint })
    const variant = variants.find((each) => each.version === version)
    if (variant?.loaded === 'inline' || variant?.loaded === 'worker') return
    if (variant?.loaded === 'failed')
      throw new Failure(`the data plane could not load version ${version}: ${variant.error ?? 'no reason given'}`)
    await sleep(500)
  }
  throw new Failure(`the data plane did not acknowledge version ${version} within 30 s`, {
    next: '`mainstay doctor` says which replica.',
  })
}

async function list(options: JsonOption & { endpoint?: string }): Promise<void> {
  const { items } = await call(api.listRollouts, options.endpoint === undefined ? {} : { endpoint: options.endpoint })
  printList(
    items,
    [
      { head: 'id', cell: (r) => r.id },
      { head: 'endpoint', cell: (r) => r.endpoint },
      { head: 'candidate', cell: (r) => `${r.model}/${r.candidate}` },
      { head: 'stage', cell: (r) => state(r.stage) },
      { head: 'weight', cell: (r) => `${number(r.weight * 100)} %`, align: 'right' },
      { head: 'started', cell: (r) => when(r.started_event_time ?? r.started_at) },
      { head: '', cell: (r) => r.sentence },
    ],
    { ...options, empty: 'no rollouts; `mainstay deploy MODEL/VERSION --endpoint E` starts one' },
  )
}

async function show(id: string, options: JsonOption): Promise<void> {
  const rollout = await call(api.getRollout, { id })
  if (options.json) return printJson(rollout)
  printFacts({
    rollout: rollout.id,
    endpoint: rollout.endpoint,
    candidate: `${rollout.model}/${rollout.candidate}`,
    champion: rollout.champion,
    stage: state(rollout.stage),
    reason: rollout.reason,
  })
  console.log(`${rollout.sentence}\n`)
  const checks = rollout.verdict?.checks ?? []
  if (checks.length > 0)
    console.log(
      table(checks, [
        { head: 'check', cell: (c) => c.name },
        { head: 'state', cell: (c) => state(c.state) },
        { head: '', cell: (c) => c.sentence },
      ]),
    )
}
