import type { FastifyInstance } from 'fastify'
import * as api from '../../../contract/artifacts.ts'
import { serve, serveStream } from '../../http/serve.ts'
import { sendFile } from './download.ts'
import { getFile, listFolder } from './service.ts'

export { artifactMigrations as migrations } from './migrations/2026-11-21-artifact.ts'
export { addressOf, isProxied, proxiedPath, treeUri } from './address.ts'
export { sendFile } from './download.ts'
export { assertPath } from './rules.ts'
export {
  deleteArtifact,
  findFile,
  forgetOwner,
  freezeTree,
  getFile,
  levelOf,
  listFiles,
  listFolder,
  putArtifact,
  putTree,
  readManifest,
} from './service.ts'
export type { FileEntry, FolderEntry, Manifest } from './service.ts'

export function artifactRoutes(app: FastifyInstance): void {
  serve(app, api.listArtifacts, async (ctx, { owner, id, folder }) => {
    const entries = await listFolder(ctx.db, `${owner}:${id}`, folder)
    return { items: entries.map(({ path, isFolder, size }) => ({ path, folder: isFolder, size })) }
  })
  serveStream(app, api.downloadArtifact, async (ctx, { owner, id, path }, reply) =>
    sendFile(ctx, await getFile(ctx.db, `${owner}:${id}`, path), reply),
  )
}
