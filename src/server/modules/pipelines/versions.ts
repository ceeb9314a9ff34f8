import { PipelineDefinition } from '../../../contract/pipeline-definition.ts'
import { type CodeTreeFile } from '../../../contract/pipelines.ts'
import type { Db } from '../../platform/db/db.ts'
import { buildGraph, type Graph } from './graph.ts'
import * as q from './queries/runs.ts'

export interface Version {
  graph: Graph
  code: readonly CodeTreeFile[]
}

const remembered = new Map<string, Version>()
const most = 100

/** A stored version never changes, so its parsed form is kept by digest. */
export async function getVersion(db: Db, project: string, pipeline: string, digest: string): Promise<Version> {
  const id = `${project}/${pipeline}/${digest}`
  const known = remembered.get(id)
  if (known) return known
  const row = await q.getVersion(db, project, pipeline, digest)
  const version: Version = {
    graph: buildGraph(PipelineDefinition.parse(JSON.parse(row.definition))),
    code: JSON.parse(row.code) as CodeTreeFile[],
  }
  if (remembered.size >= most) remembered.clear()
  remembered.set(id, version)
  return version
}
