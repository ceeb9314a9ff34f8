import type { Output } from '../../../contract/endpoint.ts'
import type { getIncident, WindowJudgement } from '../../../contract/monitoring.ts'
import { day, fixed, number, percent, spanOf } from '../../lib/format.ts'
import { metricName } from '../../lib/verdict-words.ts'
import { Bars } from '../../ui/Bars.tsx'
import { ColumnChart } from '../../ui/ColumnChart.tsx'
import { Distribution, DistributionLegend } from '../../ui/Distribution.tsx'
import { Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Note, Quiet } from '../../ui/Quiet.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { Touched } from './Touched.tsx'

type Detail = Output<typeof getIncident>

const mostColumns = 9

/** `4 Apr`, then `11`, `18`: the month once. */
function nameColumns(windows: readonly WindowJudgement[]): string[] {
  let month = ''
  return windows.map((window) => {
    const [dayOfMonth = '', next = ''] = day(window.start).split(' ')
    if (next === month) return dayOfMonth
    month = next
    return `${dayOfMonth} ${next}`
  })
}

/** The windows around the incident, and the one that is judged now. */
function shownWindows({ windows, opened_event_time }: Detail): WindowJudgement[] {
  const opened = windows.findIndex((window) => window.end >= opened_event_time)
  const first = Math.max(0, Math.min(opened < 0 ? 0 : opened - 4, windows.length - mostColumns))
  return windows.slice(first, first + mostColumns)
}

function WindowsChart({ incident }: { incident: Detail }) {
  const windows = shownWindows(incident)
  const metric = windows.find((window) => typeof window.numbers['metric'] === 'string')?.numbers['metric']
  const name = metricName(typeof metric === 'string' ? metric : 'Error')
  const names = nameColumns(windows)
  const newest = windows.findLast((window) => window.value !== null)
  return (
    <Section
      name={`${name} by window`}
      about={incident.limit === null ? 'no limit declared' : `limit ${number(incident.limit)}`}
    >
      {windows.length === 0 ? (
        <Quiet>No window was judged around it.</Quiet>
      ) : (
        <ColumnChart
          label={`${name} by window`}
          height={101}
          limit={
            incident.limit === null ? undefined : { value: incident.limit, word: `limit ${number(incident.limit)}` }
          }
          columns={windows.map((window, index) => ({
            name: names[index] ?? '',
            value: window.value,
            title: window.sentence,
            ...(window === newest ? { strong: true } : {}),
          }))}
        />
      )}
    </Section>
  )
}

export function Evidence({ incident }: { incident: Detail }) {
  const { column, column_window: span, error_sources: sources, cause } = incident
  const largest = Math.max(0, ...sources.map((source) => source.amount))
  const places = number(largest).split('.')[1]?.length ?? 0
  const seen = span ? spanOf(span) : 'then'
  return (
    <>
      {incident.windows.length > 0 || incident.signal === 'performance' ? <WindowsChart incident={incident} /> : null}
      <Section
        name={sources.length === 0 ? 'Cause' : 'Where the error came from'}
        about={sources.length === 0 ? 'as far as the numbers show it' : 'the window it opened on'}
      >
        {sources.length === 0 ? (
          <Verdict state={cause ? 'warn' : 'unknown'}>{cause || 'No single cause was found.'}</Verdict>
        ) : (
          <Bars
            bars={sources.map((source) => ({
              name: source.name,
              value: source.amount,
              shown: fixed(source.amount, places),
              note: percent(source.share),
            }))}
          />
        )}
        {sources.length > 0 && cause ? <Note>{cause}</Note> : null}
      </Section>
      {column && column.bins.length > 0 ? (
        <Section
          name={column.column}
          about={
            <DistributionLegend
              reference="training"
              current={column.psi === null ? seen : `${seen} · PSI ${fixed(column.psi, 2)}`}
            />
          }
        >
          <Distribution
            reference={column.bins.map((bin) => bin.reference)}
            current={column.bins.map((bin) => bin.current)}
            height={72}
            label={`${column.column}: ${column.what}. ${column.method}`}
            borders={column.bins.map((bin) => bin.label)}
          />
        </Section>
      ) : null}
      <Section name="Touched by this">
        <Panel rows={4}>
          <Touched incident={incident} />
        </Panel>
      </Section>
    </>
  )
}
