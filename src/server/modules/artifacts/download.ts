import type { FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { Ctx } from '../../platform/ctx.ts'
import { contentTypeOf, rangeOf, type Range } from './rules.ts'
import type { FileEntry } from './service.ts'

/** Answers with a file's bytes, or the range that is asked for, streamed from the store. */
export async function sendFile(ctx: Ctx, file: FileEntry, reply: FastifyReply): Promise<FastifyReply> {
  const name = file.path.split('/').at(-1) ?? 'file'
  const ascii = name.replace(/[^\x20-\x7e]|["\\]/g, '_')
  reply
    .header('content-disposition', `attachment; filename="${ascii}"; filename*=UTF-8''${encodeURIComponent(name)}`)
    .header('x-content-type-options', 'nosniff')
    .header('accept-ranges', 'bytes')
    .header('etag', `"${file.digest}"`)
    .type(contentTypeOf(file.path))
  const range = rangeOf(reply.request.headers.range, file.size)
  if (range === null) {
    return await reply.status(416).header('content-range', `bytes */${file.size}`).send('')
  }
  const whole = await ctx.blobs.open(file.digest)
  if (range === undefined) return await reply.header('content-length', file.size).send(whole)
  reply
    .status(206)
    .header('content-range', `bytes ${range.start}-${range.end}/${file.size}`)
    .header('content-length', range.end - range.start + 1)
  return await reply.send(Readable.from(slice(whole, range), { objectMode: false }))
}

async function* slice(source: Readable, { start, end }: Range): AsyncGenerator<Buffer> {
  let at = 0
  for await (const chunk of source as AsyncIterable<Buffer>) {
    const from = Math.max(0, start - at)
    const to = Math.min(chunk.length, end + 1 - at)
    at += chunk.length
    if (to > from) yield chunk.subarray(from, to)
    if (at > end) return
  }
}
