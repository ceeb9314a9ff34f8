import { parseArgs } from 'node:util'
import { MainstayError } from '../../contract/errors.ts'
import { environment } from '../config/env.ts'
import { Supervisor } from './supervisor.ts'

/** `mainstay up`: parse the arguments, start everything, wait for a signal, end everything. */
const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    host: { type: 'string' },
    port: { type: 'string' },
    'predict-port': { type: 'string' },
  },
})
const given = {
  MAINSTAY_HOME: values.home,
  MAINSTAY_HOST: values.host,
  MAINSTAY_PORT: values.port,
  MAINSTAY_PREDICT_PORT: values['predict-port'],
}
const env = { ...environment, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) }
const say = (line: string): void => void process.stdout.write(`${line}\n`)

let supervisor: Supervisor | undefined
const end = (): void => {
  if (supervisor === undefined) process.exit(0)
  supervisor.down().then(
    () => process.exit(0),
    (error: unknown) => fail(error),
  )
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end)
// The terminal's command was killed: end as if killed with it. The data plane lives on and the next `up` adopts it.
process.on('disconnect', () => process.exit(1))

function fail(error: unknown): never {
  process.stderr.write(
    error instanceof MainstayError
      ? `${error.message}\n${error.next}\n`
      : `${error instanceof Error ? error.message : String(error)}\n`,
  )
  process.exit(1)
}

try {
  supervisor = await Supervisor.open(env, say)
  await supervisor.start()
} catch (error) {
  await supervisor?.down()
  fail(error)
}
