import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { getPipeline, type PipelineRun } from '../../../contract/pipelines.ts'
import { read } from '../../lib/api.ts'
import { count, duration } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Dag } from '../../ui/Dag.tsx'
import { Columns, Page, Section } from '../../ui/Page.tsx'
import { Mono, Time } from '../../ui/Time.tsx'
import { EarlierRuns, RunTable } from './PipelineRuns.tsx'
import { stepsOf } from './pipeline.ts'
import { medianTook } from './run-words.ts'
import { StartRun } from './StartRun.tsx'
import { StepDefinition } from './StepDefinition.tsx'
import { TriggerList } from './TriggerList.tsx'

function titleOf(name: string, runs: readonly PipelineRun[]): string {
  const [newest] = runs
  if (!newest) return `${name} has never run.`
  const succeeded = runs.filter(({ state }) => state === 'succeeded').length
  const ended = runs.filter(({ ended_at }) => ended_at !== null).length
  const state = {
    queued: 'is queued',
    running: 'is running',
    succeeded: 'succeeded',
    failed: 'failed',
    cancelled: 'was cancelled',
  }
  const rest = ended > 1 ? `; ${count(succeeded)} of the last ${count(ended)} runs succeeded` : ''
  return `${name} ${state[newest.state]}${newest.ended_at === null ? '' : ' in its last run'}${rest}.`
}

export function PipelinePage({ name }: { name: string }) {
  const { data: pipeline } = useSuspenseQuery(read(getPipeline, { name }))
  const [step, setStep] = useUrl('step', '')
  const [starting, setStarting] = useState(false)
  const steps = stepsOf(pipeline.definition)
  const chosen = steps.find((one) => one.name === step) ?? steps[0]
  const median = medianTook(pipeline.runs)
  return (
    <Page
      title={titleOf(name, pipeline.runs)}
      facts={
        <>
          {count(pipeline.steps)} steps
          {median === null ? '' : ` · median ${duration(median)}`} · version{' '}
          <span title={pipeline.version}>
            <Mono>{pipeline.version.slice(0, 7)}</Mono>
          </span>
          , changed <Time at={pipeline.updated_at} />
          {pipeline.next_fire_at === null ? ' · no schedule' : ' · next run '}
          {pipeline.next_fire_at === null ? null : <Time at={pipeline.next_fire_at} />}
        </>
      }
      actions={
        <>
          <CopyButton word="Copy as CLI" text={`mainstay run ${name}`} />
          <Button weight="primary" onClick={() => setStarting(true)}>
            Run…
          </Button>
        </>
      }
    >
      <Dag
        label={`Steps of ${name}`}
        nodes={steps.map((one) => ({ id: one.name, name: one.name, note: one.text, word: one.verb }))}
        edges={pipeline.edges.map(({ from, to }) => [from, to] as const)}
        chosen={chosen?.name}
        onChoose={setStep}
      />
      <Columns left={56}>
        {[
          <div key="runs">
            {pipeline.runs.length > 1 ? (
              <Section name="Last runs" about={`the newest ${pipeline.runs.length}, by how long they took`}>
                <EarlierRuns runs={pipeline.runs} />
              </Section>
            ) : null}
            <RunTable pipeline={name} />
          </div>,
          <div key="definition">
            {chosen ? <StepDefinition pipeline={pipeline} step={chosen.name} /> : null}
            <TriggerList pipeline={pipeline} />
          </div>,
        ]}
      </Columns>
      <StartRun key={String(starting)} pipeline={pipeline} open={starting} onClose={() => setStarting(false)} />
    </Page>
  )
}
