import type {} from './events.ts'
import { registryMigrations } from './migrations/2026-11-21-registry.ts'
import { holdMigrations } from './migrations/2026-11-21-registry-holds.ts'

export const migrations = [...registryMigrations, ...holdMigrations]
export { exportJob } from './jobs.ts'
export { registryRoutes } from './routes.ts'
export { deleteAlias, getAliased, moveAlias, setAlias } from './aliases.ts'
export { exportOf, findExport, recordGate, requestExport } from './exports.ts'
export {
  createModel,
  deleteModel,
  deleteModelTag,
  getModel,
  renameModel,
  searchModels,
  setModelTag,
  updateModel,
} from './models.ts'
export {
  createVersion,
  deleteVersion,
  deleteVersionTag,
  getVersion,
  holdVersions,
  latestVersions,
  searchVersions,
  setVersionTag,
  transitionStage,
  updateVersion,
} from './versions.ts'
export { versionNumber } from './rules.ts'
export type { ModelExport } from './exports.ts'
export type { Model } from './models.ts'
export type { Version } from './versions.ts'
