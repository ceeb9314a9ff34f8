import type { PipelineNode, PipelineRun } from '../../../contract/pipelines.ts'
import { count, duration } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { PickMenu } from '../../ui/PickMenu.tsx'
import { Segments } from '../../ui/Tabs.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { AttemptList } from './AttemptList.tsx'
import { attemptWords, isOver, nodeState } from './run-words.ts'
import { StepLog } from './StepLog.tsx'
import { StepOutputs } from './StepOutputs.tsx'
import { StepWhy } from './StepWhy.tsx'

const parts = [
  { id: 'log', word: 'Log' },
  { id: 'made', word: 'In and out' },
  { id: 'why', word: 'Why it ran' },
]

interface StepPanelProps {
  run: PipelineRun
  node: PipelineNode
  now: number
}

/** The chosen step: its log, what it read and made, and why it ran or did not. */
export function StepPanel({ run, node, now }: StepPanelProps) {
  const [part, setPart] = useUrl('part', node.kind === 'run' ? 'log' : 'made')
  const [asked, setAttempt] = useUrl('attempt', '')
  const newest = node.attempts.at(-1)
  const attempt = node.attempts.find(({ number }) => String(number) === asked) ?? newest
  const took = node.started_at === null ? 'not begun' : duration((node.ended_at ?? now) - node.started_at)
  const attempts = `${count(node.attempts.length)} ${node.attempts.length === 1 ? 'attempt' : 'attempts'}`
  return (
    <>
      <Section
        name={node.name}
        about={`${took} · ${attempts}`}
        actions={
          <>
            {part === 'log' && node.attempts.length > 1 && attempt ? (
              <PickMenu
                label="Attempt"
                choices={node.attempts.map((one) => ({
                  id: String(one.number),
                  word: `Attempt ${one.number}, ${attemptWords(one).word}`,
                }))}
                chosen={String(attempt.number)}
                onChoose={setAttempt}
              />
            ) : null}
            <Segments label={`Part of ${node.name}`} choices={parts} chosen={part} onChoose={setPart} />
          </>
        }
      >
        {node.sentence ? <Verdict state={nodeState(node).state}>{node.sentence}</Verdict> : null}
        <Panel key={`${part} ${attempt?.number}`} rows={6}>
          {part === 'log' ? (
            <StepLog
              key={`${run.id} ${node.name} ${attempt?.number}`}
              run={run.id}
              node={node}
              attempt={attempt?.number}
              live={!isOver(run) && node.ended_at === null}
            />
          ) : null}
          {part === 'made' ? <StepOutputs run={run} node={node} /> : null}
          {part === 'why' ? <StepWhy run={run} node={node} /> : null}
        </Panel>
      </Section>
      {node.attempts.length > 1 || node.attempts.some(({ exit_code }) => exit_code) ? (
        <AttemptList node={node} />
      ) : null}
    </>
  )
}
