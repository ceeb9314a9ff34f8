import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { unknownRoute } from './unknown-route.ts'

/** Where `npm run build` puts the pages, seen from the sources and from the build alike. */
function pagesFolder(): string | undefined {
  const candidates = ['../../../dist/web', '../../web'].map((path) => fileURLToPath(new URL(path, import.meta.url)))
  return candidates.find((folder) => existsSync(join(folder, 'index.html')))
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
    // A browser at another address gets the page that says so; a program gets the error.
    pages.get('/*', async (request, reply) => {
      const isBrowser = request.headers.accept?.includes('text/html') === true && !request.url.startsWith('/api')
      if (!isBrowser) throw unknownRoute(request)
      return await page(request, reply.code(404))
    })
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
