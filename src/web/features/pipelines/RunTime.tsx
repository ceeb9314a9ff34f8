import type { PipelineNode, PipelineRun } from '../../../contract/pipelines.ts'
import { duration } from '../../lib/format.ts'
import { Gantt } from '../../ui/Gantt.tsx'
import { Section } from '../../ui/Page.tsx'
import { longestWay, nodeState, nodeStates } from './run-words.ts'

interface RunTimeProps {
  run: PipelineRun & { nodes: readonly PipelineNode[] }
  now: number
  chosen: string | undefined
  onChoose: (name: string) => void
}

const wordInstead = new Set(['cached', 'skipped', 'cancelled'])

/** When each step ran; above it the longest way, because only that makes the run shorter. */
export function RunTime({ run, now, chosen, onChoose }: RunTimeProps) {
  const begin = run.started_at ?? run.created_at
  const from = (at: number | null): number | null => (at === null ? null : Math.max(0, at - begin))
  const { slowest, ms } = longestWay(run.nodes, now)
  const slow = run.nodes.find(({ name }) => name === slowest)
  const about = slow?.started_at
    ? `${slow.name} takes ${duration((slow.ended_at ?? now) - slow.started_at)} of the longest way, ${duration(ms)}`
    : 'no step has begun'
  return (
    <Section name="Time" about={about}>
      <Gantt
        now={Math.max(0, now - begin)}
        chosen={chosen}
        onChoose={onChoose}
        rows={run.nodes.map((node) => ({
          id: node.name,
          name: node.name,
          state: nodeState(node).state,
          start: from(node.started_at),
          end: from(node.ended_at),
          ...(wordInstead.has(node.state) || node.started_at === null ? { word: nodeStates[node.state].word } : {}),
        }))}
      />
    </Section>
  )
}
