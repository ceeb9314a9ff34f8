import { mkdir } from 'node:fs/promises'
import { MainstayError } from '../contract/errors.ts'
import { compose } from './compose.ts'
import { readConfig } from './config/config.ts'
import { environment } from './config/env.ts'
import { createLogger } from './platform/log.ts'

/** The control process: parse the configuration, start, wait for a signal, stop. */
const config = readConfig(environment)
const log = createLogger('control', config.logLevel)
/** What nobody caught ends the process with one line; it is made to be killed at any time, and the supervisor starts it again. */
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    if (error instanceof MainstayError) log.fatal({ code: error.code, next: error.next }, error.message)
    else log.fatal({ err: error }, 'control ends by an error that nobody caught')
    process.exit(1)
  })
}
await mkdir(config.home, { recursive: true })
const control = await compose({ config, log })
await control.app.listen({ host: config.host, port: config.port })
control.start()
const firstToken = await control.firstToken()
const address = control.app.server.address()
const port = typeof address === 'object' && address !== null ? address.port : config.port
log.info({ port, home: config.home }, 'control is ready')

let stopping = false
function stop(why: string): void {
  if (stopping) return
  stopping = true
  log.info({ why }, 'control is stopping')
  control[Symbol.asyncDispose]().then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'control did not stop cleanly')
      process.exit(1)
    },
  )
}
process.on('SIGTERM', () => stop('SIGTERM'))
process.on('SIGINT', () => stop('SIGINT'))
// The supervisor restarts control; without it nobody would, so control does not outlive it.
process.on('disconnect', () => stop('supervisor is gone'))
// Killed while this process started, it closed the channel before anybody listened.
if (process.connected === false) stop('supervisor is gone')
else if (process.send) process.send({ ready: true, port, firstToken }, undefined, undefined, () => undefined)
else if (firstToken !== undefined) process.stdout.write(`token ${firstToken}\n`)
