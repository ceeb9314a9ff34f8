import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { countRuns, getExperiment } from '../../../contract/experiments.ts'
import { rooms } from '../../lib/rooms.ts'
import { read } from '../../lib/api.ts'
import { count } from '../../lib/format.ts'
import { useTableUrl } from '../../lib/table-url.ts'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Columns, Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { BecameVersions } from './BecameVersions.tsx'
import { useBest } from './best-run.ts'
import { ChosenCharts } from './ChosenCharts.tsx'
import { useChosenRuns } from './chosen-runs.ts'
import { DifferenceTable } from './DifferenceTable.tsx'
import { orderOf, useRunList } from './run-list.ts'
import { measureOf } from './run-words.ts'
import { RunsTable } from './RunsTable.tsx'

const asPython = (experiment: string, filter: string, sort: string): string =>
  [
    'import mlflow',
    `mlflow.set_tracking_uri("${location.origin}")`,
    'runs = mlflow.search_runs(',
    `    experiment_names=[${JSON.stringify(experiment)}],`,
    ...(filter ? [`    filter_string=${JSON.stringify(filter)},`] : []),
    ...(orderOf(sort) ? [`    order_by=[${JSON.stringify(orderOf(sort))}],`] : []),
    ')',
  ].join('\n')

/** How many there are, as far as it is known. */
function runWords(loaded: number, isMore: boolean, isFiltered: boolean, all: number | undefined): string {
  const known = isMore ? (isFiltered ? undefined : all) : loaded
  const amount = known === undefined ? `more than ${count(loaded)}` : count(known)
  return `${amount} ${known === 1 ? 'run' : 'runs'}${isFiltered ? ' that fit the filter' : ''}`
}

function titleOf(name: string, total: string, unread: boolean, best: ReturnType<typeof useBest>): string {
  if (unread) return `The filter for ${name} cannot be read.`
  return best.sentence ? best.sentence(total) : `${name} has ${total.replace(/^0 runs/, 'no runs')}.`
}

export function RunsPage({ id }: { id: string }) {
  const { data: experiment } = useSuspenseQuery(read(getExperiment, { id }))
  const [table, setTable] = useTableUrl()
  const all = useQuery(read(countRuns, {})).data?.items.find(({ experiment }) => experiment === id)?.runs
  const list = useRunList(id, table.filter, table.sort)
  const { runs } = list
  const choice = useChosenRuns(runs)
  const measure = measureOf(runs, table.sort)
  const best = useBest({ experiment: id, filter: table.filter, measure, several: list.more !== undefined, runs })
  const navigate = useNavigate()
  const chosen = choice.chosen.flatMap(({ id: one, slot }) => {
    const run = runs.find((candidate) => candidate.id === one)
    return run ? [{ run, slot }] : []
  })

  if (list.waits) {
    return (
      <Page title={experiment.name}>
        <Skeleton rows={12} />
      </Page>
    )
  }
  if (runs.length === 0 && table.filter === '') {
    const { title, text } = rooms.experiments.empty
    return (
      <Page title={experiment.name} facts="An experiment holds runs that answer one question.">
        <Empty
          title={title}
          command={`export MLFLOW_TRACKING_URI=${location.origin}\nexport MLFLOW_EXPERIMENT_NAME=${experiment.name}\npython train.py`}
        >
          {text}
        </Empty>
      </Page>
    )
  }
  const total = runWords(runs.length, list.more !== undefined, table.filter !== '', all)
  return (
    <Page
      title={titleOf(experiment.name, total, list.problem !== undefined && runs.length === 0, best)}
      facts={
        <>
          {best.lead ? `${best.lead}. ` : ''}
          {best.run ? <BecameVersions run={best.run} /> : 'Sort by a metric to say which run is best.'}
        </>
      }
      actions={
        <>
          <Button
            refused={chosen.length < 2 ? 'Choose two runs or more.' : undefined}
            onClick={() => void navigate({ to: '/compare', search: { runs: choice.text } })}
          >
            Compare {chosen.length}
          </Button>
          <CopyButton word="Copy as Python" text={asPython(experiment.name, table.filter, table.sort)} />
        </>
      }
    >
      <Columns left={65}>
        {[
          <div key="runs">
            <RunsTable
              experiment={id}
              total={all}
              list={list}
              measure={measure}
              best={best.run}
              choice={choice}
              state={table}
              onState={setTable}
            />
            {chosen.length > 1 ? <DifferenceTable runs={chosen} /> : null}
          </div>,
          <Panel key="charts" rows={16}>
            {chosen.length > 0 ? (
              <ChosenCharts chosen={chosen} runs={runs} slotOf={choice.slotOf} measure={measure} />
            ) : (
              <p>
                Choose runs by their boxes to see their curves. <Link to="/experiments">All experiments</Link>
              </p>
            )}
          </Panel>,
        ]}
      </Columns>
    </Page>
  )
}
