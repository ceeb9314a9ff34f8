import type { PipelineNode } from '../../../contract/pipelines.ts'
import { size } from '../../lib/format.ts'
import { LogView } from '../../ui/LogView.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { nodeState } from './run-words.ts'
import { useStepLog } from './step-log.ts'

interface StepLogProps {
  run: string
  node: PipelineNode
  attempt: number | undefined
  live: boolean
}

export function StepLog({ run, node, attempt, live }: StepLogProps) {
  if (attempt === undefined) return <Quiet>{reasonOf(node)}</Quiet>
  return <AttemptLog run={run} node={node} attempt={attempt} live={live} />
}

/** Why there is no log. */
function reasonOf(node: PipelineNode): string {
  if (node.state === 'cached') return 'Taken from the cache, so nothing ran and there is no log.'
  if (node.state === 'skipped') return 'Skipped, so there is no log.'
  return `No log: the step ${nodeState(node).word}.`
}

/** Only commands write a log. */
const silenceOf = ({ kind }: PipelineNode): string =>
  kind === 'run'
    ? 'The step wrote nothing.'
    : 'A step of Mainstay’s own writes no log; In and out has what it read and decided.'

function AttemptLog({ run, node, attempt, live }: StepLogProps & { attempt: number }) {
  const { lines, leftOut, ended, problem } = useStepLog({ run, node: node.name, attempt })
  const whole = lines.at(-1) === '' ? lines.slice(0, -1) : lines
  if (problem) return <Verdict state="crit">{problem}</Verdict>
  if (whole.length === 0 && ended) {
    return <Quiet>{node.state === 'cached' ? reasonOf(node) : silenceOf(node)}</Quiet>
  }
  return (
    <>
      {leftOut > 0 ? <p>The first {size(leftOut)} are left out.</p> : null}
      <LogView label={`Log of ${node.name}`} lines={whole} live={live && !ended} height={320} />
    </>
  )
}
