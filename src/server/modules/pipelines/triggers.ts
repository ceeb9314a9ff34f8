import { Trigger } from '../../../contract/pipeline-definition.ts'
import { type RunTrigger } from '../../../contract/pipelines.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import {
  listEventsAfter,
  newestEventId,
  readCursor,
  writeCursor,
  type StoredEvent,
} from '../../platform/events/outbox.ts'
import { canonical } from './cache-key.ts'
import { nextFire } from './define.ts'
import { durable } from './durable.ts'
import { resolveText, type Value } from './expression.ts'
import * as t from './queries/triggers.ts'
import type { Params } from './scope.ts'
import { startRun } from './start.ts'

/** Fires what is due by the clock on the wall. Times missed while the server was down fire once, for the latest. */
export async function fireDue(ctx: Ctx): Promise<boolean> {
  const now = ctx.clock.now()
  const due = await t.listDue(ctx.db, now)
  for (const row of due) {
    const trigger = Trigger.parse(JSON.parse(row.trigger))
    if (!('cron' in trigger) || row.next_at === null) continue
    const at = latestUpTo(trigger, row.next_at, now)
    await durable(ctx, 'pipelines.trigger', async (ctx) => {
      if (!(await t.advance(ctx.db, row, nextFire(trigger, now)))) return
      await fire(ctx, row, { kind: 'cron', ref: new Date(at).toISOString() }, trigger.params)
    })
  }
  return due.length > 0
}

function latestUpTo(trigger: { cron: string; zone: string }, first: number, now: number): number {
  let at = first
  for (let steps = 0; steps < 10_000; steps += 1) {
    const next = nextFire(trigger, at)
    if (next === null || next > now) return at
    at = next
  }
  return at
}

/** One run per trigger and cause: the row of the fire is unique, and so is the run's key. */
async function fire(ctx: TxCtx, row: t.TriggerRow, cause: RunTrigger, params: Params): Promise<void> {
  const key = `${row.id}:${cause.ref}`
  const run = await startRun(ctx, { pipeline: row.pipeline, params, trigger: cause, key })
  await t.insertFire(ctx.db, {
    project_id: row.project_id,
    pipeline: row.pipeline,
    trigger_id: row.id,
    ref: cause.ref,
    run_id: run.id,
    at: ctx.clock.now(),
  })
}

const consumer = 'pipelines.triggers'
const batch = 200

/** Follows the facts of the platform and starts the runs that they trigger, each exactly once. */
export class EventTriggers {
  #position: number | undefined
  #written = 0

  async deliver(ctx: Ctx): Promise<void> {
    const triggers = await t.listEventTriggers(ctx.db)
    this.#position ??= await firstPosition(ctx)
    if (triggers.length === 0) {
      this.#position = Math.max(this.#position, await newestEventId(ctx.db))
      return
    }
    for (;;) {
      const events = await listEventsAfter(ctx.db, this.#position, batch)
      for (const stored of events) {
        await this.#deliverOne(ctx, triggers, stored)
        this.#position = stored.id
      }
      if (events.length < batch) break
    }
    if (this.#position - this.#written > batch) await this.#remember(ctx, this.#position)
  }

  async #deliverOne(ctx: Ctx, triggers: readonly t.TriggerRow[], stored: StoredEvent): Promise<void> {
    const concerned = triggers.filter((row) => row.event === stored.event.type && row.since < stored.id)
    if (concerned.length === 0) return
    await durable(ctx, 'pipelines.trigger', async (ctx) => {
      for (const row of concerned) {
        const trigger = Trigger.parse(JSON.parse(row.trigger))
        if (!('event' in trigger) || !isMatch(stored.event, trigger.match)) continue
        const scope = { event: { ...stored.event, id: stored.id } }
        await fire(
          ctx,
          row,
          { kind: 'event', ref: `${stored.event.type}:${stored.id}` },
          resolveParams(trigger.params, scope),
        )
      }
      await writeCursor(ctx.db, consumer, stored.id)
    })
    this.#written = stored.id
  }

  async #remember(ctx: Ctx, position: number): Promise<void> {
    await writeCursor(ctx.db, consumer, position)
    this.#written = position
  }
}

/** Facts older than a trigger never fire it, so a server without a cursor may begin at the start. */
async function firstPosition(ctx: Ctx): Promise<number> {
  return await readCursor(ctx.db, consumer)
}

/** Every field named must have the given value. */
function isMatch(event: Readonly<Record<string, unknown>>, match: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(match).every(([name, wanted]) => canonical(event[name]) === canonical(wanted))
}

function resolveParams(params: Params, scope: Record<string, unknown>): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      typeof value === 'string' ? scalar(resolveText(value, scope)) : value,
    ]),
  )
}

const scalar = (value: Value): Params[string] =>
  typeof value === 'object' && value !== null ? canonical(value) : value
