import type { ExportState } from './tables.ts'

declare module '../../platform/events/outbox.ts' {
  interface EventMap {
    'registry.version_created': { model: string; version: number; version_id: string; attempt: string | null }
    /** The version is READY; `deployable` says whether it has an ONNX form to serve. */
    'registry.version_ready': {
      model: string
      version: number
      version_id: string
      deployable: boolean
      attempt: string | null
    }
    'registry.version_failed': {
      model: string
      version: number
      version_id: string
      reason: string
      attempt: string | null
    }
    'registry.alias_moved': { model: string; alias: string; version: number | null; previous: number | null }
    'registry.export_finished': { tree: string; state: ExportState }
  }
}
