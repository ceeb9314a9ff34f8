import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where `npm run build` puts the pages, seen from the sources and from the build alike. */
function pagesFolder(): string | undefined {
  const candidates = ['../../../dist/web', '../../web'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return candidates.find((folder) => existsSync(join(folder, 'index.html')))
}

/** What a browser gets at an address that is none: the pages say so themselves. Undefined before they are built. */
export function unknownPage(): Buffer | undefined {
  const root = pagesFolder()
  return root === undefined ? undefined : readFileSync(join(root, 'index.html'))
}

/** Serves the pages; any path that is no API route is a page, since the browser routes it. */
export async function pageRoutes(app: FastifyInstance): Promise<void> {
  const root = pagesFolder()
  if (root === undefined) return
  await app.register(async (pages) => {
    // The files hold no data: a browser needs them to ask for a token.
    pages.addHook('onRoute', (route) => void (route.config = { ...route.config, isPublic: true }))
    await pages.register(fastifyStatic, {
      root,
      wildcard: false,
      maxAge: '1y',
      immutable: true,
      index: false,
      preCompressed: true,
    })
    const page = async (_: unknown, reply: import('fastify').FastifyReply) =>
      await reply.header('cache-control', 'no-cache').sendFile('index.html', { maxAge: 0, immutable: false })
    pages.get('/', page)
    for (const room of rooms) {
      pages.get(`/${room}`, page)
      pages.get(`/${room}/*`, page)
    }
  })
}

const rooms = [
  'overview',
  'experiments',
  'datasets',
  'features',
  'runs',
  'compare',
  'models',
  'pipelines',
  'endpoints',
  'monitoring',
  'incidents',
  'llm',
  'automation',
  'governance',
  'cost',
  'settings',
]
