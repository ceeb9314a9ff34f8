import type { PipelineNode } from '../../../contract/pipelines.ts'
import { duration } from '../../lib/format.ts'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { attemptWords } from './run-words.ts'

export function AttemptList({ node }: { node: PipelineNode }) {
  return (
    <Section name="Attempts" about="the newest first">
      <KeyValue
        facts={node.attempts.toReversed().map((attempt) => ({
          key: `Attempt ${attempt.number}`,
          state: attemptWords(attempt),
          value: [
            attemptWords(attempt).word,
            ...(attempt.ended_at === null ? [] : [`after ${duration(attempt.ended_at - attempt.started_at)}`]),
            ...(attempt.exit_code === null ? [] : [`exit code ${attempt.exit_code}`]),
          ].join(', '),
          note: <Time at={attempt.started_at} />,
        }))}
      />
    </Section>
  )
}
