import type { Ctx, TxCtx } from '../../platform/ctx.ts'
import { loopTimes, tellIncident } from '../monitoring/module.ts'
import * as q from './queries/actions.ts'
import { insertLook, listLooks, type Look } from './queries/looks.ts'
import type { GateVerdict } from './steps/gate-rules.ts'
import { furtherLooks, nextLook, type GateRange } from './steps/looks.ts'

/** Keeps a look with its numbers; an undecided one is told, and after the last a person is asked. */
export function recordLook(
  ctx: Ctx,
  of: { action: string; run: string; step: string; look: number },
  range: GateRange,
  verdict: GateVerdict,
): Promise<void> {
  return ctx.tx(async (ctx) => {
    const { action: id, ...which } = of
    const look: Look = { ...which, gate_from: range.from, gate_to: range.to, ...verdict, at: ctx.clock.now() }
    if (!(await insertLook(ctx.db, look)) || verdict.verdict !== 'insufficient') return
    const action = await q.findAction(ctx.db, id)
    if (!action) return
    const times = await loopTimes(ctx.db, action.endpoint)
    const looks = await listLooks(ctx.db, of.run, of.step)
    const next = nextLook(looks, firstRange(looks) ?? range, times?.matureUntil ?? 0)
    const sentence = 'sentence' in next ? next.sentence : verdict.sentence
    const isAsked = look.look >= furtherLooks
    if (isAsked) await q.updateAction(ctx.db, id, { state: 'proposed', sentence })
    if (action.incident === null) return
    await tellIncident(ctx, action.incident, {
      event_time: times?.watermark ?? range.to,
      kind: isAsked ? 'proposed' : 'gate',
      state: isAsked ? 'warning' : 'unknown',
      title: isAsked ? 'The gate could not decide: may the candidate go on?' : 'The gate cannot decide yet',
      text: sentence,
      link: isAsked ? '/automation' : `/pipelines/runs/${of.run}`,
      numbers: verdict.numbers,
      key: `gate:${of.run}:${of.step}:${of.look}`,
    })
  })
}

/** The window of the first look: each further one is as long again. */
function firstRange([first]: readonly Look[]): GateRange | undefined {
  return first && { from: first.gate_from, to: first.gate_to }
}

/** What a run's gate waits for, if it has looked and not decided: labels that are still to come, or a person. */
export async function waitOfGate(ctx: Pick<Ctx, 'db'>, endpoint: string, run: string): Promise<string | undefined> {
  const looks = await listLooks(ctx.db, run)
  const own = looks.filter(({ step }) => step === looks.at(-1)?.step)
  const range = firstRange(own)
  const times = await loopTimes(ctx.db, endpoint)
  if (!range || !times) return undefined
  const next = nextLook(own, range, times.matureUntil)
  return next.kind === 'wait' || next.kind === 'ask' ? next.sentence : undefined
}

/** A person's word, or what has made the question idle, is the gate's last look. */
export async function decideGate(
  ctx: TxCtx,
  run: string,
  verdict: 'passed' | 'refused',
  sentence: string,
): Promise<void> {
  const last = (await listLooks(ctx.db, run)).at(-1)
  if (!last || last.verdict !== 'insufficient') return
  const numbers = { ...last.numbers, by: ctx.actor.name }
  await insertLook(ctx.db, { ...last, look: last.look + 1, verdict, sentence, numbers, at: ctx.clock.now() })
}
