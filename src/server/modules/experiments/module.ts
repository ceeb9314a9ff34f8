import type {} from './events.ts'

export { experimentMigrations as migrations } from './migrations/2026-11-21-experiment.ts'
export { experimentRoutes } from './routes.ts'
export {
  createExperiment,
  deleteExperimentTag,
  getExperiment,
  getExperimentByName,
  renameExperiment,
  searchExperiments,
  setExperimentLifecycle,
  setExperimentTag,
} from './experiments.ts'
export {
  createRun,
  deleteRunTag,
  getRun,
  getRunRow,
  logInputs,
  logOutputs,
  searchDatasets,
  searchRuns,
  setRunLifecycle,
  setRunTag,
  updateRun,
} from './runs.ts'
export { getHistory, getRunMetrics, getThinHistory, logBatch } from './metrics.ts'
export {
  createLoggedModel,
  deleteLoggedModel,
  deleteLoggedModelTag,
  finalizeLoggedModel,
  getLoggedModel,
  getLoggedModelRow,
  logLoggedModelParams,
  noteRegistration,
  searchLoggedModels,
  setLoggedModelTags,
} from './logged-models.ts'
export { loggedModelsOfAttempt, loggedModelsOfRun, runsOfAttempt } from './attempts.ts'
export { mostOrders, parseFilter, parseOrders } from './filter.ts'
export { limits } from './rules.ts'
export { comparePair, compareNumber, compareText, whereOf, type Sql } from './queries/filter-sql.ts'
export { afterKey, cutPage, orderBy, sortSelection, type SearchPage, type SortColumn } from './queries/keyset.ts'
export type { Comparison, Filter, OrderKey } from './filter.ts'
export type { Experiment } from './experiments.ts'
export type { Run } from './runs.ts'
export type { LoggedModel } from './logged-models.ts'
export type { LoggedPoint, Point } from './metrics.ts'
