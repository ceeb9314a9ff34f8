import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'
import { getExperiment, type Run } from '../../../contract/experiments.ts'
import { read } from '../../lib/api.ts'
import { slotAt } from '../../lib/colour.ts'
import { number } from '../../lib/format.ts'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Columns, Page, Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Mono, Time } from '../../ui/Time.tsx'
import { useRunModels } from './became.ts'
import { ArtifactBrowser, type NamedOwner } from './ArtifactBrowser.tsx'
import { ChartControls } from './ChartControls.tsx'
import { curveKeys, MetricCharts } from './MetricCharts.tsx'
import { NestedRuns } from './NestedRuns.tsx'
import { readRun } from './live-run.ts'
import { measureOf, metricOf, runStates, shortId, tagOf, tookWord } from './run-words.ts'
import { MetricTable, ParamTable } from './RunNumbers.tsx'
import { RunOrigin } from './RunOrigin.tsx'

const asPython = (run: Run): string =>
  `import mlflow\nmlflow.set_tracking_uri("${location.origin}")\nrun = mlflow.get_run("${run.id}")`

const ends: Readonly<Record<Run['status'], (took: string) => string>> = {
  RUNNING: () => 'is running',
  SCHEDULED: () => 'is scheduled',
  FINISHED: (took) => `finished in ${took}`,
  FAILED: (took) => `failed after ${took}`,
  KILLED: (took) => `was ended after ${took}`,
}

function titleOf(run: Run): string {
  const measure = measureOf([run], '')
  const value = measure ? metricOf(run, measure.key) : null
  const numbers = measure && value !== null ? `: ${measure.key} ${number(value)}` : ''
  return `${run.name || shortId(run.id)} ${ends[run.status](tookWord(run))}${numbers}.`
}

export function RunPage({ id }: { id: string }) {
  const { data: run } = useSuspenseQuery(readRun(id))
  const { data: experiment } = useSuspenseQuery(read(getExperiment, { id: run.experiment }))
  const models = useRunModels(id)
  const navigate = useNavigate()
  const self = useMemo(() => [{ run, slot: slotAt(0) }], [run])
  const parent = tagOf(run, 'mlflow.parentRunId')
  const owners: NamedOwner[] = [
    { owner: 'run', id, name: 'run' },
    ...(models ?? []).map((model) => ({
      owner: 'model' as const,
      id: model.id,
      name: model.name === 'model' ? 'model' : `model ${model.name}`,
    })),
  ]
  return (
    <Page
      title={titleOf(run)}
      state={runStates[run.status]}
      facts={
        <>
          In{' '}
          <Link to="/experiments/$id" params={{ id: experiment.id }}>
            {experiment.name}
          </Link>
          , started <Time at={run.started_at} /> by {run.user || 'nobody named'} · <Mono>{run.id}</Mono>
        </>
      }
      actions={
        <>
          {parent ? (
            <Button onClick={() => void navigate({ to: '/compare', search: { runs: `${run.id},${parent}` } })}>
              Compare with its parent
            </Button>
          ) : null}
          <CopyButton word="Copy as Python" text={asPython(run)} />
        </>
      }
    >
      <Columns left={60}>
        {[
          <div key="numbers">
            {curveKeys(self).length > 0 ? (
              <Section name="Curves" about="metrics with a history" actions={<ChartControls />}>
                <Panel rows={10}>
                  <MetricCharts runs={self} height={140} />
                </Panel>
              </Section>
            ) : null}
            <MetricTable run={run} />
            <Panel rows={2}>
              <NestedRuns run={run} />
            </Panel>
          </div>,
          <div key="facts">
            <RunOrigin run={run} models={models} />
            <ParamTable run={run} />
          </div>,
        ]}
      </Columns>
      <ArtifactBrowser owners={owners} />
    </Page>
  )
}
