import type { FastifyReply } from 'fastify'
import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type * as api from '../../../contract/pipelines.ts'
import { followLog, readLogPiece, type LogPiece } from '../../platform/compute/log-file.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { placesOf } from './places.ts'
import * as q from './queries/runs.ts'
import { getNodeRow } from './views.ts'

interface LogPlace {
  attempt: number
  path: string
}

async function findLog(
  ctx: Ctx,
  home: string,
  run: string,
  node: string,
  attempt: number | undefined,
): Promise<LogPlace> {
  const row = await getNodeRow(ctx, run, node)
  const number = attempt ?? row.fence
  return { attempt: number, path: placesOf(home, run, row.name, number).log }
}

/** An attempt has ended for good when it is not the newest of a step that goes on. */
async function hasEnded(ctx: Ctx, run: string, node: string, attempt: number): Promise<boolean> {
  const row = (await q.listAttempts(ctx.db, run, node)).find(({ fence }) => fence === attempt)
  if (row) return row.state === 'ended'
  return ((await q.findNode(ctx.db, run, node))?.ended_at ?? null) !== null
}

export async function readLog(
  ctx: Ctx,
  home: string,
  input: Parsed<typeof api.readLog>,
): Promise<Output<typeof api.readLog>> {
  const { attempt, path } = await findLog(ctx, home, input.run, input.node, input.attempt)
  const ended = await hasEnded(ctx, input.run, input.node, attempt)
  const piece = await readLogPiece(path, input.offset, input.limit)
  return { attempt, ...piece, ended: ended && piece.next >= piece.size }
}

/** Sends the log as it grows; every event's id is the offset to go on from. */
export async function tailLog(
  ctx: Ctx,
  home: string,
  input: Parsed<typeof api.tailLog>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { attempt, path } = await findLog(ctx, home, input.run, input.node, input.attempt)
  const last = Number(reply.request.headers['last-event-id'] ?? Number.NaN)
  const closed = new AbortController()
  const { raw } = reply
  reply.hijack()
  raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', connection: 'keep-alive' })
  raw.write(`retry: 1000\nevent: attempt\ndata: ${attempt}\n\n`)
  raw.on('close', () => closed.abort())
  await followLog(path, Number.isFinite(last) ? last : input.offset, {
    closed: closed.signal,
    hasEnded: () => hasEnded(ctx, input.run, input.node, attempt),
    write: (piece) => writePiece(raw, piece, closed.signal),
  })
  raw.end('event: end\ndata: {}\n\n')
  return reply
}

async function writePiece(raw: FastifyReply['raw'], { text, next }: LogPiece, closed: AbortSignal): Promise<void> {
  const more = raw.write(`id: ${next}\nevent: log\ndata: ${JSON.stringify({ text, next })}\n\n`)
  if (more || closed.aborted) return
  await new Promise<void>((resolve) => {
    raw.once('drain', resolve)
    closed.addEventListener('abort', () => resolve(), { once: true })
  })
}
