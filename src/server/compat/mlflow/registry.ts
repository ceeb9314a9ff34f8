import type { Ctx } from '../../platform/ctx.ts'
import * as registry from '../../modules/registry/module.ts'
import type { Model, Version } from '../../modules/registry/module.ts'
import { compact } from './encode.ts'
import { pair, toPair } from './experiments.ts'
import { route, type Route } from './route.ts'
import { flag, limit, list, text, textNeeded, type Values } from './shape.ts'

const showVersion = (version: Version): object =>
  compact({
    name: version.name,
    version: String(version.version),
    creation_timestamp: version.created_at,
    last_updated_timestamp: version.updated_at,
    user_id: version.user_name,
    current_stage: version.stage,
    description: version.description,
    source: version.source,
    run_id: version.run_id,
    status: version.status,
    status_message: version.status_message === '' ? undefined : version.status_message,
    tags: version.tags,
    run_link: version.run_link,
    aliases: version.aliases,
  })

const showModel = (model: Model): object =>
  compact({
    name: model.name,
    creation_timestamp: model.created_at,
    last_updated_timestamp: model.updated_at,
    description: model.description,
    latest_versions: model.latest.map(showVersion),
    tags: model.tags,
    aliases: model.aliases.map(({ alias, version }) => ({ alias, version: String(version) })),
  })

const models = '2.0/mlflow/registered-models'
const versions = '2.0/mlflow/model-versions'
const read = 'registry.read'
const write = 'registry.write'
const named = { name: textNeeded }
const numbered = { name: textNeeded, version: textOrNumber() }
const searchShape = { filter: text, order_by: list(textNeeded), page_token: text }

/** Versions are texts on the wire; some clients send a number. */
function textOrNumber(): typeof textNeeded {
  return {
    ...textNeeded,
    read: (value, path) => textNeeded.read(typeof value === 'number' ? String(value) : value, path),
  }
}

const asked = (input: {
  filter: string | undefined
  order_by: string[]
  max_results: number
  page_token: string | undefined
}) => ({
  filter: input.filter,
  orderBy: input.order_by,
  limit: input.max_results,
  after: input.page_token,
})

const latestShape = { ...named, stages: list(textNeeded) }

const latest = async (ctx: Ctx, input: Values<typeof latestShape>): Promise<object> =>
  compact({ model_versions: (await registry.latestVersions(ctx, input.name, input.stages)).map(showVersion) })

export const registryTable: Route[] = [
  route('POST', `${models}/create`, write, { ...named, tags: list(pair), description: text }, async (ctx, input) => ({
    registered_model: showModel(
      await registry.createModel(ctx, {
        name: input.name,
        description: input.description,
        tags: input.tags.map(toPair),
      }),
    ),
  })),
  route('GET', `${models}/get`, read, named, async (ctx, input) => ({
    registered_model: showModel(await registry.getModel(ctx, input.name)),
  })),
  route('GET', `${models}/search`, read, { ...searchShape, max_results: limit(100, 1_000) }, async (ctx, input) => {
    const page = await registry.searchModels(ctx, asked(input))
    return compact({ registered_models: page.items.map(showModel), next_page_token: page.next })
  }),
  route('POST', `${models}/rename`, write, { ...named, new_name: textNeeded }, async (ctx, input) => ({
    registered_model: showModel(await registry.renameModel(ctx, input.name, input.new_name)),
  })),
  route('PATCH', `${models}/update`, write, { ...named, description: text }, async (ctx, input) => ({
    registered_model: showModel(await registry.updateModel(ctx, input.name, input.description ?? '')),
  })),
  route('DELETE', `${models}/delete`, write, named, async (ctx, input) => {
    await registry.deleteModel(ctx, input.name)
    return undefined
  }),
  route('POST', `${models}/get-latest-versions`, read, latestShape, latest),
  route('GET', `${models}/get-latest-versions`, read, latestShape, latest),
  route('POST', `${models}/set-tag`, write, { ...named, key: textNeeded, value: text }, async (ctx, input) => {
    await registry.setModelTag(ctx, input.name, toPair(input))
    return undefined
  }),
  route('DELETE', `${models}/delete-tag`, write, { ...named, key: textNeeded }, async (ctx, input) => {
    await registry.deleteModelTag(ctx, input.name, input.key)
    return undefined
  }),
  route('POST', `${models}/alias`, write, { ...numbered, alias: textNeeded }, async (ctx, input) => {
    await registry.setAlias(ctx, input.name, input.alias, registry.versionNumber(input.version))
    return undefined
  }),
  route('DELETE', `${models}/alias`, write, { ...named, alias: textNeeded }, async (ctx, input) => {
    await registry.deleteAlias(ctx, input.name, input.alias)
    return undefined
  }),
  route('GET', `${models}/alias`, read, { ...named, alias: textNeeded }, async (ctx, input) => ({
    model_version: showVersion(await registry.getAliased(ctx, input.name, input.alias)),
  })),
]

export const versionTable: Route[] = [
  route(
    'POST',
    `${versions}/create`,
    write,
    { ...named, source: textNeeded, run_id: text, tags: list(pair), run_link: text, description: text, model_id: text },
    async (ctx, input) => ({
      model_version: showVersion(
        await registry.createVersion(ctx, {
          name: input.name,
          source: input.source,
          runId: input.run_id,
          modelId: input.model_id,
          runLink: input.run_link,
          description: input.description,
          tags: input.tags.map(toPair),
        }),
      ),
    }),
  ),
  route('GET', `${versions}/get`, read, numbered, async (ctx, input) => ({
    model_version: showVersion(await registry.getVersion(ctx, input.name, registry.versionNumber(input.version))),
  })),
  route(
    'GET',
    `${versions}/search`,
    read,
    { ...searchShape, max_results: limit(10_000, 200_000) },
    async (ctx, input) => {
      const page = await registry.searchVersions(ctx, asked(input))
      return compact({ model_versions: page.items.map(showVersion), next_page_token: page.next })
    },
  ),
  route('PATCH', `${versions}/update`, write, { ...numbered, description: text }, async (ctx, input) => ({
    model_version: showVersion(
      await registry.updateVersion(ctx, input.name, registry.versionNumber(input.version), input.description ?? ''),
    ),
  })),
  route('DELETE', `${versions}/delete`, write, numbered, async (ctx, input) => {
    await registry.deleteVersion(ctx, input.name, registry.versionNumber(input.version))
    return undefined
  }),
  route(
    'POST',
    `${versions}/transition-stage`,
    write,
    { ...numbered, stage: textNeeded, archive_existing_versions: flag },
    async (ctx, input) => ({
      model_version: showVersion(
        await registry.transitionStage(
          ctx,
          input.name,
          registry.versionNumber(input.version),
          input.stage,
          input.archive_existing_versions ?? false,
        ),
      ),
    }),
  ),
  route('POST', `${versions}/set-tag`, write, { ...numbered, key: textNeeded, value: text }, async (ctx, input) => {
    await registry.setVersionTag(ctx, input.name, registry.versionNumber(input.version), toPair(input))
    return undefined
  }),
  route('DELETE', `${versions}/delete-tag`, write, { ...numbered, key: textNeeded }, async (ctx, input) => {
    await registry.deleteVersionTag(ctx, input.name, registry.versionNumber(input.version), input.key)
    return undefined
  }),
  route('GET', `${versions}/get-download-uri`, read, numbered, async (ctx, input) => ({
    artifact_uri: (await registry.getVersion(ctx, input.name, registry.versionNumber(input.version))).storage_uri,
  })),
]
