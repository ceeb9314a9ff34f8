import { Command, CommanderError } from 'commander'
import { Failure } from './failure.ts'

/** A verb and the file that knows it; the file is read only when the verb is used. */
interface Verb {
  about: string
  load(): Promise<{ register(program: Command): void }>
}

const verbs: Record<string, Verb> = {
  up: { about: 'start Mainstay on a home folder', load: () => import('./verbs/up.ts') },
  down: { about: 'end everything that runs on a home folder', load: () => import('./verbs/down.ts') },
  backup: { about: 'copy a home while it is in use', load: () => import('./verbs/backup.ts') },
  restore: { about: 'make a home of a backup', load: () => import('./verbs/backup.ts') },
  doctor: { about: 'look for what is wrong and say what to do', load: () => import('./verbs/doctor.ts') },
  apply: { about: 'make the server hold what mainstay.yaml says', load: () => import('./verbs/apply.ts') },
  run: { about: 'start a pipeline run and follow it', load: () => import('./verbs/pipelines.ts') },
  pipelines: { about: 'pipelines and their runs', load: () => import('./verbs/pipelines.ts') },
  why: { about: 'say why a step ran or was skipped', load: () => import('./verbs/pipelines.ts') },
  models: { about: 'registered models and their versions', load: () => import('./verbs/models.ts') },
  deploy: { about: 'put a model version on an endpoint', load: () => import('./verbs/rollouts.ts') },
  endpoints: { about: 'what serves predictions', load: () => import('./verbs/endpoints.ts') },
  predict: { about: 'one prediction by hand', load: () => import('./verbs/endpoints.ts') },
  labels: { about: 'send the truth for earlier predictions', load: () => import('./verbs/endpoints.ts') },
  replay: { about: 'send a table through an endpoint as live traffic', load: () => import('./verbs/replay.ts') },
  rollouts: { about: 'shadow and canary of new versions', load: () => import('./verbs/rollouts.ts') },
  monitor: { about: 'how the endpoints are doing', load: () => import('./verbs/monitoring.ts') },
  incidents: { about: 'what went wrong and what was done', load: () => import('./verbs/monitoring.ts') },
  automation: { about: 'what Mainstay does by itself', load: () => import('./verbs/automation.ts') },
  audit: { about: 'who did what', load: () => import('./verbs/admin.ts') },
  token: { about: 'API tokens', load: () => import('./verbs/admin.ts') },
}

/** Kept equal to package.json by a test. */
const version = '0.1.0'

async function main(argv: readonly string[]): Promise<number> {
  const program = new Command('mainstay')
    .description('Takes machine-learning models to production and keeps them alive there.')
    .version(version)
    .showHelpAfterError('(add --help for the options)')
    .exitOverride()
  const words = argv.filter((word) => !word.startsWith('-'))
  const wanted = verbs[(words[0] === 'help' ? words[1] : words[0]) ?? '']
  if (wanted) (await wanted.load()).register(program)
  else for (const [name, verb] of Object.entries(verbs)) program.command(name).description(verb.about)
  try {
    inheritErrors(program)
    await program.parseAsync([...argv], { from: 'user' })
    // A verb that has said all itself sets its own code: doctor, up.
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 || error.code === 'commander.help' ? 0 : 2
    const failure =
      error instanceof Failure ? error : new Failure(error instanceof Error ? error.message : String(error))
    const { printFailure } = await import('./output.ts')
    printFailure(failure, argv.includes('--json'))
    return failure.exitCode
  }
}

/** Commander's own refusals come back as exceptions from every level, so that this file alone sets the exit code. */
function inheritErrors(command: Command): void {
  command.exitOverride()
  command.showHelpAfterError('(add --help for the options)')
  for (const child of command.commands) inheritErrors(child)
}

process.exitCode = await main(process.argv.slice(2))
