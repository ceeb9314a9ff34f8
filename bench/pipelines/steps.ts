import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose } from '../../src/server/compose.ts'
import { readConfig } from '../../src/server/config/config.ts'
import { getRun, savePipeline, startRun } from '../../src/server/modules/pipelines/module.ts'
import { createLogger } from '../../src/server/platform/log.ts'

/** Engine overhead of steps that do nothing: `node --import tsx bench/pipelines/steps.ts`. */
const home = await mkdtemp(join(tmpdir(), 'mainstay-bench-'))
const control = await compose({
  config: readConfig({ MAINSTAY_HOME: home, MAINSTAY_STEP_CONCURRENCY: '8' }),
  log: createLogger('bench', 'warn'),
})
const { ctx } = control
control.start()

const many = 200
const names = Array.from({ length: many }, (_, i) => `s${i}`)
const shapes: Record<string, Record<string, unknown>> = {
  chain: Object.fromEntries(names.map((name, i) => [name, { run: 'true', needs: i === 0 ? [] : [`s${i - 1}`] }])),
  fan: Object.fromEntries(names.map((name) => [name, { run: 'true' }])),
}

const quantile = (sorted: readonly number[], p: number): number => sorted[Math.floor(p * (sorted.length - 1))] ?? 0

for (const [shape, steps] of Object.entries(shapes)) {
  await savePipeline(ctx, { name: shape, definition: { steps }, codeTree: [] })
  for (let round = 0; round < 3; round += 1) {
    const cpu = process.cpuUsage()
    const started = performance.now()
    const trigger = { kind: 'manual', ref: 'bench' }
    const { id } = await startRun(ctx, { pipeline: shape, params: {}, trigger, key: `${round}` })
    control.pipelines.runner.nudge()
    let run = await getRun(ctx, { run: id })
    while (run.ended_at === null) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      const state = await ctx.db
        .selectFrom('pipeline_run')
        .select('ended_at')
        .where('id', '=', id)
        .executeTakeFirstOrThrow()
      if (state.ended_at !== null) run = await getRun(ctx, { run: id })
    }
    const took = performance.now() - started
    const { user, system } = process.cpuUsage(cpu)
    const perStep = run.nodes.map((node) => (node.ended_at ?? 0) - (node.ready_at ?? 0)).toSorted((a, b) => a - b)
    const [p50, p99] = [quantile(perStep, 0.5), quantile(perStep, 0.99)]
    const rate = ((many / took) * 1_000).toFixed(0)
    const cpuMs = ((user + system) / 1_000 / many).toFixed(1)
    console.log(
      `${shape} of ${many}: ${rate} steps/s, ready to recorded p50 ${p50} ms, p99 ${p99} ms, ${cpuMs} CPU-ms a step (control)`,
    )
  }
}
await control[Symbol.asyncDispose]()
await rm(home, { recursive: true, force: true })
process.exit(0)
