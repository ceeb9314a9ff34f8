import { z } from 'zod'
import { endpoint, streamEndpoint } from './endpoint.ts'

/** Who owns files: a run, or a logged model. */
export const ArtifactOwner = z.enum(['run', 'model'])

export const ArtifactEntry = z.object({ path: z.string(), folder: z.boolean(), size: z.number().int() })
export type ArtifactEntry = z.infer<typeof ArtifactEntry>

export const listArtifacts = endpoint({
  id: 'artifacts.list',
  method: 'GET',
  path: '/api/v1/artifacts/:owner/:id',
  permission: 'artifacts.read',
  summary: 'Lists one folder of a run or logged model.',
  input: z.object({ owner: ArtifactOwner, id: z.string(), folder: z.string().default('') }),
  output: z.object({ items: z.array(ArtifactEntry) }),
})

export const downloadArtifact = streamEndpoint({
  id: 'artifacts.download',
  method: 'GET',
  path: '/api/v1/artifacts/:owner/:id/file',
  permission: 'artifacts.read',
  summary: 'Streams one file; understands Range.',
  contentTypes: ['application/octet-stream'],
  input: z.object({ owner: ArtifactOwner, id: z.string(), path: z.string() }),
})
