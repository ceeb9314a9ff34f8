import type { CodeTreeFile } from '../../../contract/pipelines.ts'
import type { ChangeKind } from '../../../contract/project.ts'
import type { Ctx, TxCtx } from '../../platform/ctx.ts'

/**
 * One part of mainstay.yaml and the module that keeps it, reached through its face. Sections are applied in the order
 * of the list.
 */
export interface Section {
  kind: ChangeKind
  /** Names of what is stored, so that entries may refer to what another file declared; absent, such names are not checked. */
  names?(ctx: Ctx): Promise<readonly string[]>
  /** What is stored for an entry, in the shape of the file; undefined when absent. */
  current(ctx: Ctx, name: string, spec: unknown): Promise<unknown>
  /** Inside apply's transaction: database calls only. */
  save(ctx: TxCtx, name: string, spec: unknown, code: readonly CodeTreeFile[]): Promise<unknown>
  /** For what is more than its spec (a pipeline is its definition and its code); also refuses what the shape cannot. */
  wanted?(spec: unknown, code: readonly CodeTreeFile[]): unknown
}
