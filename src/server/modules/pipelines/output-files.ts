import type { FastifyReply } from 'fastify'
import { text } from 'node:stream/consumers'
import { MainstayError } from '../../../contract/errors.ts'
import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type * as api from '../../../contract/pipelines.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { sendFile } from '../artifacts/module.ts'
import type { StoredOutput, StoredTree } from './outputs.ts'
import { outputsOf } from './scope.ts'
import { getNodeRow } from './views.ts'

interface StoredFile {
  path: string
  digest: string
  size: number
}

/** A model or metrics are no files of their own: they are what a run logged. */
async function filesOf(ctx: Ctx, input: Parsed<typeof api.listOutputFiles>): Promise<StoredFile[]> {
  const outputs = outputsOf(await getNodeRow(ctx, input.run, input.node))
  const stored = Object.hasOwn(outputs, input.output) ? (outputs[input.output] as Partial<StoredOutput> | null) : null
  if (typeof stored !== 'object' || stored === null || !('path' in stored) || !stored.path || !stored.digest)
    throw new MainstayError('pipelines.output_not_found', `${input.node} left no file called ${input.output}`)
  const { path, digest, size = 0 } = stored
  if (!('tree' in stored)) return [{ path, digest, size }]
  return (JSON.parse(await text(await ctx.blobs.open(digest))) as StoredTree).files
}

export async function listOutputFiles(
  ctx: Ctx,
  input: Parsed<typeof api.listOutputFiles>,
): Promise<Output<typeof api.listOutputFiles>> {
  return { items: (await filesOf(ctx, input)).map(({ path, size }) => ({ path, size })) }
}

/** Streams one file that a step left, as it was stored when the step ended. */
export async function sendOutputFile(
  ctx: Ctx,
  input: Parsed<typeof api.getOutputFile>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const file = (await filesOf(ctx, input)).find(({ path }) => path === input.path)
  if (!file) throw new MainstayError('pipelines.output_not_found', `${input.output} holds no file ${input.path}`)
  return await sendFile(ctx, file, reply)
}
