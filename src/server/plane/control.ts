import { chmodSync, existsSync, mkdirSync, unlinkSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { z } from 'zod'
import { MainstayError } from '../../contract/errors.ts'
import { Snapshot } from '../../contract/plane.ts'
import { parseJsonBody } from '../compat/oip/json.ts'
import type { Logger } from '../platform/log.ts'
import { HttpReply, sendError, type Reply } from './answers.ts'
import { BodyBudget, readBody } from './body.ts'
import type { PlaneConfig } from './config.ts'
import type { Plane } from './plane.ts'

const SNAPSHOT_BYTES = 64 * 1024 * 1024
const TripNames = z.object({
  trips: z.array(z.object({ endpoint: z.string(), rollout: z.string(), variant: z.string() })),
})

export const socketPath = (config: PlaneConfig): string => join(config.home, 'run', `plane-${config.replica}.sock`)

/** How the control process talks to this plane: HTTP on a Unix socket that only the owner may open. */
export function makeControlServer(plane: Plane, log: Logger): Server {
  const routes: Record<string, (body: unknown) => Promise<unknown>> = {
    'GET /status': async () => plane.status(),
    'POST /flush': () => plane.flush(),
    'PUT /snapshot': (body) => plane.apply(parse(Snapshot, body)),
    'POST /trips/ack': async (body) => ({ acknowledged: plane.acknowledgeTrips(parse(TripNames, body).trips) }),
  }
  const run = async (req: IncomingMessage, reply: Reply, bytes: Buffer): Promise<void> => {
    const route = routes[`${req.method} ${req.url}`]
    if (!route) throw new MainstayError('request.unknown_route', `there is no ${req.method} ${req.url}`)
    const result = await route(bytes.length === 0 ? undefined : parseJsonBody(bytes))
    reply.send(200, JSON.stringify(result), [])
  }
  const budget = new BodyBudget(4 * SNAPSHOT_BYTES)
  return createServer({ keepAliveTimeout: 70_000, headersTimeout: 75_000 }, (req, res) => {
    const reply = new HttpReply(req, res)
    readBody(req, SNAPSHOT_BYTES, budget, (error, bytes) => {
      const outcome = error ? Promise.reject(error) : run(req, reply, bytes)
      outcome.catch((reason: unknown) => {
        if (!(reason instanceof MainstayError)) log.error({ err: reason }, 'a control request failed')
        sendError(reply, reason)
      })
    })
  })
}

function parse<T extends z.ZodType>(shape: T, body: unknown): z.output<T> {
  const result = shape.safeParse(body)
  if (!result.success) throw new MainstayError('request.invalid', z.prettifyError(result.error))
  return result.data
}

/** Refuses when another plane answers on the socket: two would write one spool. */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > 107)
    throw new Error(`the socket path ${path} is longer than 107 bytes: choose a shorter --home`)
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
  if (existsSync(path)) {
    if (await answers(path)) throw new Error(`another plane already serves this home and replica (${path})`)
    unlinkSync(path)
  }
  const before = process.umask(0o177)
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, resolve)
    })
  } finally {
    process.umask(before)
  }
  chmodSync(path, 0o600)
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    setTimeout(() => socket.destroy(), 1000).unref()
  })
}
