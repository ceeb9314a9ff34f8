import { z } from 'zod'

const units: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

const shape = 'is a duration like 30s, 5m, 1h30m or 7d'
/** What people write: `30s`, `1.5h`, `1h30m`, `7d`. A bare number has no unit and is refused. */
export const Duration = z.string(shape).regex(/^(\d+(\.\d+)?(ms|s|m|h|d))+$/, shape)
export type Duration = z.infer<typeof Duration>

/** Milliseconds of what `Duration` let through. */
export function toMs(duration: Duration): number {
  const parts = [...duration.matchAll(/([\d.]+)(ms|s|m|h|d)/g)]
  return Math.round(parts.reduce((sum, [, amount, unit = '']) => sum + Number(amount) * (units[unit] ?? 0), 0))
}
