import { useQuery, useSuspenseQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listActions } from '../../../contract/automation.ts'
import { listMonitors, type MonitorSummary } from '../../../contract/monitoring.ts'
import { listEndpoints, type ServedEndpoint } from '../../../contract/serving.ts'
import { read } from '../../lib/api.ts'
import { sentenceCase } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { headline, inWords, others } from '../../lib/verdict-words.ts'
import { EmptyRoom } from '../../ui/EmptyRoom.tsx'
import { Columns, Page, Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { RangeControl, rangeBounds, shortLengths } from '../../ui/RangeControl.tsx'
import { Activity } from './Activity.tsx'
import { ModelsTable } from './ModelsTable.tsx'
import { Platform } from './Platform.tsx'
import { PredictionsChart } from './PredictionsChart.tsx'

export function OverviewPage() {
  const [{ data: monitored }, { data: served }] = useSuspenseQueries({
    queries: [read(listMonitors, {}), read(listEndpoints, {})],
  })
  const [range, setRange] = useUrl('range', '30d')
  const monitors = monitored.items
  const end = Math.max(0, ...served.items.map((endpoint) => endpoint.watermark ?? 0))
  const now = end === 0 ? new Date() : new Date(end)

  if (monitors.length === 0 && served.items.length === 0) return <EmptyRoom id="overview" />
  const { from, to } = rangeBounds(range, now)
  return (
    <Page
      title={headline(monitors)}
      facts={
        <>
          {others(monitors)} <Unwatched endpoints={served.items} monitors={monitors} /> <Waiting />
        </>
      }
      actions={<RangeControl range={range} onRange={setRange} by="event time" lengths={shortLengths} now={now} />}
    >
      <ModelsTable monitors={monitors} endpoints={served.items} />
      <Columns left={63}>
        {[
          <Section
            key="activity"
            name="What Mainstay did"
            about={
              <>
                newest first · <Link to="/automation">all decisions</Link>
              </>
            }
          >
            <Panel rows={8}>
              <Activity />
            </Panel>
          </Section>,
          <div key="side">
            <Panel rows={6}>
              <PredictionsChart endpoints={served.items} from={from.getTime()} to={to.getTime()} />
            </Panel>
            <Section name="Platform">
              <Platform endpoints={served.items} />
            </Section>
          </div>,
        ]}
      </Columns>
    </Page>
  )
}

/** The endpoints of which nobody would know that they are wrong. */
function Unwatched({
  endpoints,
  monitors,
}: {
  endpoints: readonly ServedEndpoint[]
  monitors: readonly MonitorSummary[]
}) {
  const names = endpoints.map(({ name }) => name).filter((name) => !monitors.some(({ endpoint }) => endpoint === name))
  const [first] = names
  if (first === undefined) return null
  return (
    <>
      Nothing watches{' '}
      {names.length === 1 ? (
        <Link to="/monitoring/$endpoint" params={{ endpoint: first }}>
          {first}
        </Link>
      ) : (
        <Link to="/endpoints">{inWords(names.length)} endpoints</Link>
      )}
      .
    </>
  )
}

/** Whether a person is asked for something; the one thing on this page that cannot wait. */
function Waiting() {
  const { data } = useQuery(read(listActions, { state: 'proposed' }))
  // Its line is there from the beginning, so that nothing moves when it is known.
  if (!data) return <>{'\u00A0'}</>
  const asked = data.items.length
  if (asked === 0) return <>Nothing waits for your approval.</>
  return (
    <Link to="/automation">
      {asked === 1 ? 'One action waits' : `${sentenceCase(inWords(asked))} actions wait`} for your approval.
    </Link>
  )
}
