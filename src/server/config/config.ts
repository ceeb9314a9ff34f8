import { join } from 'node:path'
import { z } from 'zod'
import { MainstayError } from '../../contract/errors.ts'

/** One setting: where it comes from, what it may be, what it is when absent, and the sentence of the reference page. */
interface Setting<T extends z.ZodType = z.ZodType> {
  env: string
  shape: T
  about: string
}

function setting<T extends z.ZodType>(env: string, shape: T, about: string): Setting<T> {
  return { env, shape, about }
}

const flag = z.stringbool()
const port = z.coerce.number().int().min(0).max(65_535)

/**
 * All settings. An empty environment starts a working server; the budget is 40.
 * @public read by scripts/reference.mjs
 */
export const settings = {
  home: setting(
    'MAINSTAY_HOME',
    z.string().min(1).default('.mainstay'),
    'Folder that holds everything in the embedded default.',
  ),
  host: setting(
    'MAINSTAY_HOST',
    z.string().min(1).default('127.0.0.1'),
    'Address to listen on; any but loopback demands tokens on both ports.',
  ),
  port: setting('MAINSTAY_PORT', port.default(7070), 'Port of the API, the pages and the MLflow routes.'),
  predictPort: setting('MAINSTAY_PREDICT_PORT', port.default(8000), 'Port of the data plane.'),
  database: setting(
    'MAINSTAY_DATABASE_URL',
    z
      .string()
      .regex(/^(sqlite:|postgres(ql)?:)/, 'starts with sqlite: or postgres:')
      .optional(),
    'Database: sqlite:PATH or postgres://USER@HOST/DB; the default is a SQLite file in the home.',
  ),
  objects: setting(
    'MAINSTAY_OBJECTS_URL',
    z
      .string()
      .regex(/^file:/, 'starts with file:')
      .optional(),
    'Object store: file:PATH; the default is a folder in the home.',
  ),
  allowedHosts: setting(
    'MAINSTAY_ALLOWED_HOSTS',
    z
      .string()
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((name) => name.trim())
          .filter((name) => name !== ''),
      ),
    'Further host names, comma separated, by which the server may be called.',
  ),
  logLevel: setting(
    'MAINSTAY_LOG_LEVEL',
    z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
    'Least severe log line that is written.',
  ),
  python: setting(
    'MAINSTAY_PYTHON',
    z.string().min(1).default('python3'),
    'Python of pipeline steps with env: current, and of model export.',
  ),
  maxBody: setting(
    'MAINSTAY_MAX_BODY_MB',
    z.coerce.number().positive().default(16),
    'Largest JSON body of the API, in MB; artifacts are streamed and not limited by it.',
  ),
  stepConcurrency: setting(
    'MAINSTAY_STEP_CONCURRENCY',
    z.coerce.number().int().positive().default(2),
    'Pipeline steps that run at once on this machine.',
  ),
  synchronous: setting(
    'MAINSTAY_SQLITE_SYNC',
    z.enum(['normal', 'full']).default('normal'),
    'SQLite durability: full survives power loss at each commit, normal survives a kill.',
  ),
  automation: setting(
    'MAINSTAY_AUTOMATION',
    flag.default(true),
    'Kill switch: false lets rules decide nothing by themselves.',
  ),
} satisfies Record<string, Setting>

type Settings = typeof settings
export type Config = { [K in keyof Settings]: z.output<Settings[K]['shape']> }

/** Reads every setting from the given environment; a wrong one is refused by name. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values: Record<string, unknown> = {}
  for (const [name, { env: variable, shape }] of Object.entries(settings)) {
    const parsed = z.safeParse(shape, env[variable] === '' ? undefined : env[variable])
    if (!parsed.success) {
      const why = parsed.error.issues.map((issue) => issue.message).join('; ')
      throw new MainstayError('platform.invalid_config', `${variable} is not usable: ${why}`, { variable })
    }
    values[name] = parsed.data
  }
  return values as Config
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

export function objectsFolder(config: Config): string {
  return config.objects === undefined ? join(config.home, 'objects') : config.objects.replace(/^file:(\/\/)?/, '')
}
