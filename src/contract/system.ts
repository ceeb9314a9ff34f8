import { z } from 'zod'
import { endpoint, streamEndpoint } from './endpoint.ts'

export const events = streamEndpoint({
  id: 'system.events',
  method: 'GET',
  path: '/api/v1/events',
  permission: 'system.read',
  summary: 'Facts as they happen, as server-sent events; Last-Event-ID resumes.',
  contentTypes: ['text/event-stream'],
  input: z.object({}),
})

export const deadJobs = endpoint({
  id: 'system.deadJobs',
  method: 'GET',
  path: '/api/v1/jobs/dead',
  permission: 'system.read',
  summary: 'Jobs that failed their last attempt and wait for a person.',
  input: z.object({}),
  output: z.object({
    items: z.array(
      z.object({
        id: z.string(),
        kind: z.string(),
        error: z.string().nullable(),
        attempts: z.number(),
        ended_at: z.number().nullable(),
      }),
    ),
  }),
})

export const about = endpoint({
  id: 'system.about',
  method: 'GET',
  path: '/api/v1/about',
  permission: 'system.read',
  summary: 'Version, addresses and the state of the parts.',
  input: z.object({}),
  output: z.object({
    version: z.string(),
    project: z.string(),
    /** Who asks: the person at this machine, or the holder of a token. */
    caller: z.object({ kind: z.enum(['local', 'token', 'system', 'anonymous']), name: z.string(), role: z.string() }),
    predict_url: z.string(),
    database: z.enum(['sqlite', 'postgres']),
    automation: z.boolean(),
  }),
})
