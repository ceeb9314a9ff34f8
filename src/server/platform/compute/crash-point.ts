import { environment } from '../../config/env.ts'

/** Every place at which a test may kill the control process; a transaction has one on each side of its commit. */
export const crashPoints = [
  'pipelines.start.before_commit',
  'pipelines.start.after_commit',
  'pipelines.claim.before_commit',
  'pipelines.claim.after_commit',
  'pipelines.plan.before_commit',
  'pipelines.plan.after_commit',
  'pipelines.spawn.before',
  'pipelines.spawn.after',
  'pipelines.pid.before_commit',
  'pipelines.pid.after_commit',
  'pipelines.outputs.before',
  'pipelines.outputs.after',
  'pipelines.finish.before_commit',
  'pipelines.finish.after_commit',
  'pipelines.platform.before_commit',
  'pipelines.platform.after_commit',
  'pipelines.cancel.before_commit',
  'pipelines.cancel.after_commit',
  'pipelines.kill.before',
  'pipelines.kill.after',
  'pipelines.lease.before_commit',
  'pipelines.lease.after_commit',
  'pipelines.trigger.before_commit',
  'pipelines.trigger.after_commit',
  'pipelines.restart.before_commit',
  'pipelines.restart.after_commit',
] as const
export type CrashPoint = (typeof crashPoints)[number]

/** Names of the transactions: those with a point before and a point after their commit. */
export type CrashTx = CrashPoint extends infer P ? (P extends `${infer Name}.before_commit` ? Name : never) : never

const armed = environment['MAINSTAY_CRASH_POINT']

/** Ends this process as `kill -9` would, if the environment asks for it here. For tests of recovery only. */
export function crashPoint(name: CrashPoint): void {
  if (armed === name) process.kill(process.pid, 'SIGKILL')
}
