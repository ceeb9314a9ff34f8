import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { getRun, listRuns, type PipelineNode, type PipelineRun } from '../../../contract/pipelines.ts'
import { read } from '../../lib/api.ts'
import { count, duration } from '../../lib/format.ts'
import { useNow } from '../../lib/now.ts'
import { useUrl } from '../../lib/url.ts'
import { Dag } from '../../ui/Dag.tsx'
import { Columns, Page, Section } from '../../ui/Page.tsx'
import { Mono, Time } from '../../ui/Time.tsx'
import { EarlierRuns } from './PipelineRuns.tsx'
import { RunActions } from './RunActions.tsx'
import { RunTime } from './RunTime.tsx'
import { firstToSee, isOver, medianTook, nodeNote, nodeState, runStates, tookOf } from './run-words.ts'
import { StartedBy } from './StartedBy.tsx'
import { StepPanel } from './StepPanel.tsx'

const liveMs = 2_000

function titleOf(run: PipelineRun & { nodes: readonly PipelineNode[] }): string {
  const named = (state: string): string =>
    run.nodes
      .filter((node) => node.state === state)
      .map(({ name }) => name)
      .join(' and ')
  if (run.state === 'failed') return `${run.pipeline} failed${named('failed') ? ` in ${named('failed')}` : ''}.`
  if (run.state === 'cancelled') return `${run.pipeline} was cancelled.`
  if (run.state === 'queued') return `${run.pipeline} is queued.`
  if (run.state === 'succeeded') return `${run.pipeline} succeeded in ${duration(tookOf(run))}.`
  const cancelling = named('cancelling')
  if (cancelling) return `${run.pipeline} is being cancelled; ${cancelling} is ending.`
  return named('running') ? `${run.pipeline} is at ${named('running')}.` : `${run.pipeline} is running.`
}

export function PipelineRunPage({ run: id }: { run: string }) {
  const { data: run } = useSuspenseQuery({
    ...read(getRun, { run: id }),
    refetchInterval: ({ state }) => (state.data && state.data.ended_at === null ? liveMs : false),
  })
  const now = useNow(!isOver(run))
  const [step, setStep] = useUrl('step', '')
  const chosen = run.nodes.find(({ name }) => name === step) ?? firstToSee(run.nodes, now)
  const cached = run.nodes.filter(({ state }) => state === 'cached').length
  return (
    <Page
      title={titleOf(run)}
      state={runStates[run.state]}
      facts={
        <>
          Started <Time at={run.created_at} /> <StartedBy trigger={run.trigger} />
          {` · ${count(run.nodes.length)} steps${cached === 0 ? '' : `, ${count(cached)} from the cache`} · `}
          <Link to="/pipelines/$name" params={{ name: run.pipeline }}>
            {run.pipeline}
          </Link>{' '}
          <span title={run.version}>
            <Mono>{run.version.slice(0, 7)}</Mono>
          </span>
          <Params params={run.params} />
        </>
      }
      actions={<RunActions run={run} />}
    >
      <Dag
        label="Steps"
        nodes={run.nodes.map((node) => ({
          id: node.name,
          name: node.name,
          note: nodeNote(node, now),
          ...nodeState(node),
        }))}
        edges={run.edges.map(({ from, to }) => [from, to] as const)}
        chosen={chosen?.name}
        onChoose={setStep}
      />
      <Columns left={48}>
        {[
          <RunTime key="time" run={run} now={now} chosen={chosen?.name} onChoose={setStep} />,
          chosen ? <StepPanel key={chosen.name} run={run} node={chosen} now={now} /> : null,
        ]}
      </Columns>
      <Others run={run} />
    </Page>
  )
}

/** What is set, each on one line. */
function Params({ params }: Pick<PipelineRun, 'params'>) {
  return Object.entries(params)
    .filter(([, value]) => value !== null && value !== '')
    .map(([key, value], index) => (
      <Fragment key={key}>
        {index === 0 ? ' · ' : ', '}
        <span style={{ whiteSpace: 'nowrap' }}>{`${key} ${String(value).replace(/T00:00:00\.000Z$/, '')}`}</span>
      </Fragment>
    ))
}

const stripRuns = 60

/** The pipeline's other runs, as bars. */
function Others({ run }: { run: PipelineRun }) {
  const { data } = useQuery(read(listRuns, { pipeline: run.pipeline, limit: stripRuns }))
  if (!data || data.items.length < 2) return null
  const ended = data.items.filter(isOver)
  const good = ended.filter(({ state }) => state === 'succeeded').length
  const median = medianTook(ended)
  return (
    <Section
      name="Earlier runs"
      about={`${count(good)} of ${count(ended.length)} succeeded${median === null ? '' : ` · median ${duration(median)}`}`}
    >
      <EarlierRuns runs={data.items} />
    </Section>
  )
}
