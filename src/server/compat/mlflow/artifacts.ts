import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Readable } from 'node:stream'
import { MainstayError } from '../../../contract/errors.ts'
import type { Ctx } from '../../platform/ctx.ts'
import {
  addressOf,
  assertPath,
  deleteArtifact,
  getFile,
  isProxied,
  levelOf,
  listFolder,
  proxiedPath,
  putArtifact,
  readManifest,
  sendFile,
  type FileEntry,
  type FolderEntry,
} from '../../modules/artifacts/module.ts'
import { getLoggedModelRow, getRunRow } from '../../modules/experiments/module.ts'
import { getVersion, versionNumber } from '../../modules/registry/module.ts'
import { compact } from './encode.ts'
import { rawRoute, route, type RawRoute, type Route } from './route.ts'
import { runIdOf } from './runs.ts'
import { fromQuery, readMessage, text, textNeeded } from './shape.ts'

const read = 'artifacts.read'
const write = 'artifacts.write'

const showEntry = (entry: FolderEntry, path: string): object =>
  compact({ path, is_dir: entry.isFolder, file_size: entry.isFolder ? undefined : entry.size })

/** The proxy serves what belongs to a run or a logged model that exists. */
async function assertOwner(ctx: Ctx, owner: string): Promise<void> {
  const [kind, id = ''] = owner.split(':')
  if (kind === 'run') await getRunRow(ctx.db, id)
  if (kind === 'model') await getLoggedModelRow(ctx.db, id, true)
}

async function listPath(ctx: Ctx, path: string): Promise<FolderEntry[]> {
  if (path !== '') assertPath(path)
  const address = addressOf(path)
  if (address.kind === 'owner') return await listFolder(ctx.db, address.owner, address.path)
  const { files } = await readManifest(ctx, address.digest)
  const prefix = address.path === '' ? '' : `${address.path}/`
  return levelOf(
    files.filter((file) => file.path.startsWith(prefix)),
    address.path,
  )
}

async function findPath(ctx: Ctx, path: string): Promise<FileEntry> {
  const address = addressOf(assertPath(path))
  if (address.kind === 'owner') return await getFile(ctx.db, address.owner, address.path)
  const file = (await readManifest(ctx, address.digest)).files.find((candidate) => candidate.path === address.path)
  if (!file) throw new MainstayError('artifacts.not_found', `${path.slice(0, 200)} does not exist`)
  return file
}

export const artifactTable: Route[] = [
  route('GET', '2.0/mlflow-artifacts/artifacts', read, { path: text }, async (ctx, input) => {
    const entries = await listPath(ctx, (input.path ?? '').replace(/\/+$/, ''))
    return compact({ files: entries.map((entry) => showEntry(entry, entry.path.split('/').at(-1) ?? entry.path)) })
  }),
  route(
    'GET',
    '2.0/mlflow/artifacts/list',
    read,
    { run_id: text, run_uuid: text, path: text, page_token: text },
    async (ctx, input) => {
      const run = await getRunRow(ctx.db, runIdOf(input))
      const folder = (input.path ?? '').replace(/\/+$/, '')
      const entries = isProxied(run.artifact_uri) ? await listFolder(ctx.db, `run:${run.run_id}`, folder) : []
      return compact({ root_uri: run.artifact_uri, files: entries.map((entry) => showEntry(entry, entry.path)) })
    },
  ),
]

const wildcard = (request: FastifyRequest): string => (request.params as { '*': string })['*']

async function download(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  return await sendFile(request.ctx, await findPath(request.ctx, wildcard(request)), reply)
}

async function upload(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const address = addressOf(assertPath(wildcard(request)))
  if (address.kind === 'tree')
    throw new MainstayError('artifacts.frozen', 'the files of a registered version are frozen')
  await assertOwner(request.ctx, address.owner)
  await putArtifact(request.ctx, address.owner, address.path, (request.body ?? request.raw) as Readable)
  return await reply.send({})
}

async function remove(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const address = addressOf(assertPath(wildcard(request)))
  if (address.kind === 'tree')
    throw new MainstayError('artifacts.frozen', 'the files of a registered version are frozen')
  await deleteArtifact(request.ctx, address.owner, address.path)
  return await reply.send({})
}

/** `GET /get-artifact?run_uuid=&path=`, a download that browsers use. */
async function getArtifact(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const shape = { run_id: text, run_uuid: text, path: text }
  const asked = readMessage(shape, fromQuery(shape, request.query as Record<string, unknown>))
  const run = await getRunRow(request.ctx.db, runIdOf(asked))
  return await sendFile(request.ctx, await getFile(request.ctx.db, `run:${run.run_id}`, asked.path ?? ''), reply)
}

async function getVersionArtifact(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const shape = { name: textNeeded, version: textNeeded, path: text }
  const asked = readMessage(shape, fromQuery(shape, request.query as Record<string, unknown>))
  const version = await getVersion(request.ctx, asked.name, versionNumber(asked.version))
  if (!isProxied(version.storage_uri))
    throw new MainstayError('artifacts.not_found', 'the files of this version lie outside of this server')
  const path = assertPath(asked.path ?? '')
  return await sendFile(request.ctx, await findPath(request.ctx, `${proxiedPath(version.storage_uri)}/${path}`), reply)
}

/** Streams, in and out: nothing of a file is held in memory or written twice. */
export const artifactStreams: RawRoute[] = [
  ...['/api', '/ajax-api'].flatMap((prefix) => [
    rawRoute('GET', `${prefix}/2.0/mlflow-artifacts/artifacts/*`, read, download),
    rawRoute('PUT', `${prefix}/2.0/mlflow-artifacts/artifacts/*`, write, upload),
    rawRoute('DELETE', `${prefix}/2.0/mlflow-artifacts/artifacts/*`, write, remove),
  ]),
  rawRoute('GET', '/get-artifact', read, getArtifact),
  rawRoute('GET', '/model-versions/get-artifact', read, getVersionArtifact),
]
