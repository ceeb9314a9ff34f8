import { parseArgs } from 'node:util'
import { MainstayError } from '../../contract/errors.ts'
import { readConfig } from '../config/config.ts'
import { environment } from '../config/env.ts'
import { backup } from './backup.ts'
import { restore } from './restore.ts'

/** `mainstay backup` and `mainstay restore`: argv is the verb, the folder of the backup, and --home. */
const { values, positionals } = parseArgs({ options: { home: { type: 'string' } }, allowPositionals: true })
const [verb = '', folder = ''] = positionals
const config = readConfig({ ...environment, ...(values.home === undefined ? {} : { MAINSTAY_HOME: values.home }) })
const say = (line: string): void => void process.stderr.write(`${line}\n`)

try {
  const done = verb === 'restore' ? await restore(folder, config.home, say) : await backup(config, folder, say)
  process.stdout.write(`${JSON.stringify(done)}\n`)
} catch (error) {
  const known = error instanceof MainstayError ? error.toBody().error : undefined
  process.stdout.write(`${JSON.stringify({ error: known ?? { message: String(error), next: '' } })}\n`)
  process.exitCode = 1
}
