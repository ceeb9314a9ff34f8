import type { Server } from 'node:http'
import { createLogger, type Logger } from '../platform/log.ts'
import { version } from '../platform/version.ts'
import { readArguments, type PlaneConfig } from './config.ts'
import { listenOnSocket, makeControlServer, socketPath } from './control.ts'
import { makePredictServer, type PredictServer } from './http.ts'
import { Plane, spoolFolder } from './plane.ts'
import { recoverSegments } from './recovery.ts'

const DRAIN_LIMIT_MS = 10_000
const KEEP_MS = 60_000

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function main(): Promise<void> {
  const config = readArguments(process.argv.slice(2))
  const log = createLogger('plane', config.logLevel)
  const plane = new Plane(config, log)
  const control = makeControlServer(plane, log)
  await listenOnSocket(control, socketPath(config))
  const killed = { folder: spoolFolder(config), replica: config.replica, newest: plane.capture.spool.sequence }
  await recoverSegments(
    { ...killed, places: plane.places },
    {
      sealed: (segment) => {
        if (segment.kept === null) log.warn(segment, 'a segment of a killed plane was sealed')
        else log.error(segment, 'a segment is damaged: what could be read was sealed, the whole file was kept')
      },
      times: (maxTimes) => plane.noteRecovered(maxTimes),
      failed: (error) => log.warn({ err: error }, 'segments of a killed plane cannot be sealed yet'),
    },
  )
  const predictions = makePredictServer(plane, config, log, version)
  await listen(predictions.server, config)
  stopOnSignals(plane, predictions, control, config, log)
  await plane.restore().catch((error: unknown) => log.error({ err: error }, 'the kept snapshot cannot be served'))
  plane.isOpen = true
  setInterval(
    () => void plane.keep().catch((error: unknown) => log.warn({ err: error }, 'state not kept')),
    KEEP_MS,
  ).unref()
  log.info(
    { host: config.host, port: portOf(predictions.server), replica: config.replica, generation: plane.generation },
    'plane ready',
  )
}

const portOf = (server: Server): number => {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function listen(server: Server, config: PlaneConfig): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: config.port, host: config.host, backlog: 1024 }, resolve)
  })
}

/** Not ready first, so that balancers look elsewhere; then no new connections, the last answers, the seal. */
function stopOnSignals(
  plane: Plane,
  predictions: PredictServer,
  control: Server,
  config: PlaneConfig,
  log: Logger,
): void {
  let isStopping = false
  const stop = async (signal: string): Promise<void> => {
    if (isStopping) return
    isStopping = true
    log.info({ signal }, 'draining')
    plane.isOpen = false
    await sleep(config.drainMs)
    const { server, closeConnections } = predictions
    server.close()
    closeConnections()
    const until = performance.now() + DRAIN_LIMIT_MS
    while (performance.now() < until && (!plane.isIdle || (await connections(server)) > 0)) {
      closeConnections()
      await sleep(20)
    }
    await plane.capture.stop()
    await plane.keep()
    control.close()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // The terminal or supervisor that started the plane may go; the plane stays.
  process.on('SIGHUP', () => {})
}

const connections = (server: Server): Promise<number> =>
  new Promise((resolve) => server.getConnections((error, count) => resolve(error ? 0 : count)))

main().catch((error: unknown) => {
  process.stderr.write(`mainstay plane: ${(error as Error).message}\n`)
  process.exit(1)
})
