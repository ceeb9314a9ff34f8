import type { Db } from '../../platform/db/db.ts'
import { findModelsOfAttempt, findModelsOfRun, type LoggedModelRow } from './queries/logged-models.ts'
import { findRunsOfAttempt, type RunRow } from './queries/runs.ts'

/** The runs that a pipeline attempt's token created, oldest first. */
export async function runsOfAttempt(db: Db, attempt: string): Promise<RunRow[]> {
  return await findRunsOfAttempt(db, attempt)
}

/** The logged models that a pipeline attempt's token created, oldest first. */
export async function loggedModelsOfAttempt(db: Db, attempt: string): Promise<LoggedModelRow[]> {
  return await findModelsOfAttempt(db, attempt)
}

export async function loggedModelsOfRun(db: Db, runId: string): Promise<LoggedModelRow[]> {
  return await findModelsOfRun(db, runId)
}
