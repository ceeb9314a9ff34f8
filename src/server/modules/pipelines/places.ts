import { join } from 'node:path'
import type { Attempt } from './attempt.ts'

/** Where an attempt lives: its control files and log beside its checkout, which is the step's folder. */
export interface Places {
  folder: string
  work: string
  log: string
  /** Shared by the attempts of a step in a run. */
  checkpoint: string
}

export function placesOf(home: string, run: string, node: string, fence: number): Places {
  const nodeFolder = join(home, 'pipelines', run, node)
  const folder = join(nodeFolder, String(fence))
  return { folder, work: join(folder, 'work'), log: join(folder, 'log'), checkpoint: join(nodeFolder, 'checkpoint') }
}

export const placesOfAttempt = (home: string, attempt: Attempt): Places =>
  placesOf(home, attempt.run.id, attempt.node.name, attempt.fence)
