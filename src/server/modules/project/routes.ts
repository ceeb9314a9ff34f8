import type { FastifyInstance } from 'fastify'
import type { Readable } from 'node:stream'
import { MainstayError } from '../../../contract/errors.ts'
import * as api from '../../../contract/project.ts'
import { assertAllowed, serve } from '../../http/serve.ts'
import type { Ctx } from '../../platform/ctx.ts'
import type { Section } from './section.ts'
import { applyFile } from './service.ts'

export function projectRoutes(app: FastifyInstance, sections: readonly Section[]): void {
  const schema = api.projectFileSchema()
  serve(app, api.apply, (ctx, input) => applyFile(ctx, sections, input))
  serve(app, api.getFileSchema, () => Promise.resolve(schema))
  app.route<{ Params: { digest: string } }>({
    method: api.putCodeObject.method,
    url: api.putCodeObject.path,
    handler: async (request) => {
      assertAllowed(request.ctx, api.putCodeObject.permission)
      const named = api.putCodeObject.input.safeParse(request.params)
      if (!named.success) throw new MainstayError('request.invalid', 'digest: is 64 lower-case hexadecimal digits')
      return await storeCode(request.ctx, named.data.digest, request.body)
    },
  })
}

/** Streams a file into the object store; one whose bytes are not what its name says is refused. */
async function storeCode(ctx: Ctx, digest: string, body: unknown): Promise<{ digest: string; size: number }> {
  if (typeof body !== 'object' || body === null || !('pipe' in body)) {
    throw new MainstayError('request.wrong_content_type', 'the body must be the file, as application/octet-stream')
  }
  return await ctx.blobs.put(capped(body as Readable), digest)
}

async function* capped(body: Readable): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > api.largestCode)
      throw new MainstayError('project.too_large', 'one file of the code is larger than 50 MB')
    yield chunk
  }
}
