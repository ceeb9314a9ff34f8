import type { NodeKind, NodeState, RunState, RunTrigger } from '../../../contract/pipelines.ts'

type Params = Record<string, string | number | boolean | null>

declare module '../../platform/events/outbox.ts' {
  interface EventMap {
    'pipelines.saved': { pipeline: string; version: string }
    'pipelines.run_started': { run: string; pipeline: string; params: Params; trigger: RunTrigger }
    'pipelines.node_finished': {
      run: string
      pipeline: string
      node: string
      kind: NodeKind
      state: NodeState
      passed: boolean | null
      sentence: string | null
    }
    'pipelines.run_finished': {
      run: string
      pipeline: string
      state: RunState
      params: Params
      trigger: RunTrigger
      sentence: string | null
    }
  }
}
