import type { FastifyInstance } from 'fastify'
import { collectDefaultMetrics, Gauge as PrometheusGauge, Histogram, Registry } from 'prom-client'
import type { Ctx } from '../platform/ctx.ts'
import type { Gauge } from '../platform/gauge.ts'

export interface HealthParts {
  ctx: Ctx
  gauges: readonly Gauge[]
  /** What is missing before this process can do its work, as sentences; empty when ready. */
  missing(): Promise<string[]>
}

const prefix = 'mainstay_'

/** For orchestrators and Prometheus: alive, ready (and if not, why), and the numbers of process and product. */
export function healthRoutes(app: FastifyInstance, { ctx, gauges, missing }: HealthParts): void {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: `${prefix}control_` })
  timeRequests(app, registry)
  for (const gauge of gauges) addGauge(registry, ctx, gauge)
  app.get('/healthz', () => ({ live: true }))
  app.get('/readyz', async (_, reply) => {
    const lacks = await missing()
    return await reply.status(lacks.length === 0 ? 200 : 503).send({ ready: lacks.length === 0, missing: lacks })
  })
  app.get('/metrics', async (_, reply) => await reply.type(registry.contentType).send(await registry.metrics()))
}

/** By route, not by address, so that their number is bounded. */
function timeRequests(app: FastifyInstance, registry: Registry): void {
  const seconds = new Histogram({
    name: `${prefix}http_request_seconds`,
    help: 'Requests to the API, the pages and the MLflow routes, by route and status.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown'
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000)
    done()
  })
}

function addGauge(registry: Registry, ctx: Ctx, { name, help, labels, read }: Gauge): void {
  const gauge: PrometheusGauge = new PrometheusGauge({
    name: `${prefix}${name}`,
    help,
    labelNames: [...labels],
    registers: [registry],
    async collect() {
      const values = await read(ctx)
      gauge.reset()
      for (const { labels: of, value } of values) gauge.set({ ...of }, value)
    },
  })
}
