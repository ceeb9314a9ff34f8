import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import * as api from '../../../contract/registry.ts'
import { serve, assertAllowed } from '../../http/serve.ts'
import { deleteAlias, setAlias } from './aliases.ts'
import { getModel } from './models.ts'
import { createUpload, registerVersion, uploadFile } from './uploads.ts'
import { getVersion, type Version } from './versions.ts'
import { showModel, showModels, showVersions, showVersionsOf } from './views.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { MainstayError } from '../../../contract/errors.ts'

export function registryRoutes(app: FastifyInstance): void {
  serve(app, api.listModels, (ctx, { limit, after }) => showModels(ctx, limit, after))
  serve(app, api.getModel, async (ctx, { name }) => showModel(ctx, await getModel(ctx, name)))
  serve(app, api.listVersions, (ctx, { name, limit, after }) => showVersionsOf(ctx, name, limit, after))
  serve(app, api.getVersion, async (ctx, { name, version }) => one(ctx, await getVersion(ctx, name, version)))
  serve(app, api.registerVersion, async (ctx, input) => one(ctx, await registerVersion(ctx, input)))
  serve(app, api.setAlias, async (ctx, { name, alias, version }) => ({
    alias,
    version,
    previous: (await setAlias(ctx, name, alias, version)) ?? null,
  }))
  serve(app, api.deleteAlias, async (ctx, { name, alias }) => {
    if (!(await deleteAlias(ctx, name, alias))) {
      throw new MainstayError('registry.alias_not_found', `${name} has no alias ${alias.slice(0, 255)}`)
    }
    return {}
  })
  serve(app, api.createUpload, async (ctx, { name }) => ({ upload: await createUpload(ctx, name) }))
  void app.register((scope, _, done) => {
    uploadRoute(scope)
    done()
  })
}

async function one(ctx: Ctx, version: Version): Promise<api.ModelVersion> {
  const [shown] = await showVersions(ctx, [version])
  if (!shown) throw new MainstayError('registry.version_not_found', `version ${version.version} is gone`)
  return shown
}

/** In a scope of its own: here any content type is the bytes of the file, JSON too. */
function uploadRoute(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_, payload, done) => done(null, payload))
  scope.put(api.uploadFile.path, async (request: FastifyRequest) => {
    assertAllowed(request.ctx, api.uploadFile.permission)
    const params = request.params as { upload: string; '*': string }
    return await uploadFile(request.ctx, params.upload, params['*'], (request.body ?? request.raw) as Readable)
  })
}
