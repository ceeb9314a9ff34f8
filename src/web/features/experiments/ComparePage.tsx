import { useSuspenseQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { Run } from '../../../contract/experiments.ts'
import { slotAt } from '../../lib/colour.ts'
import { number } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Columns, Page, Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { parseChosen } from './chosen-runs.ts'
import { readRun } from './live-run.ts'
import { ArtifactDiff } from './ArtifactDiff.tsx'
import { ChartControls } from './ChartControls.tsx'
import { DifferenceTable } from './DifferenceTable.tsx'
import { MetricCharts } from './MetricCharts.tsx'
import type { NamedRun } from './metric-lines.ts'
import { ParallelRuns } from './ParallelRuns.tsx'
import { bestOf, differingParams, measureOf, metricOf } from './run-words.ts'

const asPython = (runs: readonly NamedRun[]): string =>
  [
    'import mlflow',
    `mlflow.set_tracking_uri("${location.origin}")`,
    `runs = [mlflow.get_run(id) for id in ${JSON.stringify(runs.map(({ run }) => run.id))}]`,
  ].join('\n')

/** Which runs are compared stands in the URL, with their colours: `?runs=a,,c`. */
export function ComparePage() {
  const [text] = useUrl('runs', '')
  if (parseChosen(text).length < 2) {
    return (
      <Page title="Compare runs" facts="What differs between runs: parameters, metrics, curves.">
        <Empty title="Choose two runs or more" command={`${location.origin}/compare?runs=RUN_ID,RUN_ID`}>
          Open an <Link to="/experiments">experiment</Link>, mark runs by their boxes and press Compare. The link keeps
          the choice.
        </Empty>
      </Page>
    )
  }
  return <Compared text={text} />
}

const runsOf = (results: readonly { data: Run }[]): Run[] => results.map(({ data }) => data)

function Compared({ text }: { text: string }) {
  const chosen = useMemo(() => parseChosen(text), [text])
  const loaded = useSuspenseQueries({ queries: chosen.map(({ id }) => readRun(id)), combine: runsOf })
  const runs = useMemo(
    () => loaded.flatMap((run, index): NamedRun[] => [{ run, slot: chosen[index]?.slot ?? slotAt(index) }]),
    [chosen, loaded],
  )
  const plain = runs.map(({ run }) => run)
  const measure = measureOf(plain, '')
  const best = bestOf(plain, measure)
  const params = differingParams(plain).length
  const lead =
    best && measure
      ? `; ${best.name} has the ${measure.lower ? 'lowest' : 'highest'} ${measure.key}: ${number(metricOf(best, measure.key))}`
      : ''
  const experiments = [...new Set(plain.map((run) => run.experiment))]
  const slotOf = (id: string) => runs.find(({ run }) => run.id === id)?.slot
  return (
    <Page
      title={`${runs.length} runs differ in ${params} ${params === 1 ? 'parameter' : 'parameters'}${lead}.`}
      facts={experiments.map((id, index) => (
        <span key={id}>
          {index > 0 ? ' · ' : ''}
          <Link to="/experiments/$id" params={{ id }} search={{ runs: text }}>
            {experiments.length === 1 ? 'Back to the experiment' : `Experiment ${id}`}
          </Link>
        </span>
      ))}
      actions={<CopyButton word="Copy as Python" text={asPython(runs)} />}
    >
      <DifferenceTable runs={runs} />
      <Columns left={58}>
        {[
          <Section key="curves" name="Curves" about="metrics with a history" actions={<ChartControls />}>
            <Panel rows={14}>
              <MetricCharts runs={runs} height={150} />
            </Panel>
          </Section>,
          <div key="rest">
            {measure ? (
              <Section name={`Parameters against ${measure.key}`} about="drag along an axis to filter">
                <ParallelRuns runs={plain} slotOf={slotOf} measure={measure} height={280} axes={5} />
              </Section>
            ) : null}
            <Panel rows={6}>
              <ArtifactDiff runs={runs} />
            </Panel>
          </div>,
        ]}
      </Columns>
    </Page>
  )
}
