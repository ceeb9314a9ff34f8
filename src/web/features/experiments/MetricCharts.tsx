import { useUrl } from '../../lib/url.ts'
import { TextButton } from '../../ui/Button.tsx'
import { Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { useChartChoice } from './ChartControls.tsx'
import { MetricChart } from './MetricChart.tsx'
import type { NamedRun } from './metric-lines.ts'
import { keysOf } from './run-words.ts'

const firstCharts = 6

/** Metrics that were logged more than once, as far as their newest step says. */
export const curveKeys = (runs: readonly NamedRun[]): string[] =>
  keysOf(
    runs.map(({ run }) => run),
    'metrics',
  ).filter((key) => runs.some(({ run }) => run.metrics.some((point) => point.key === key && point.step > 0)))

/** A chart for each metric with a history; the first few, and all when asked for. */
export function MetricCharts({ runs, height }: { runs: readonly NamedRun[]; height: number }) {
  const [charts, setCharts] = useUrl('charts', 'first')
  const { axis, smoothing } = useChartChoice()
  const keys = curveKeys(runs)
  const shown = charts === 'all' ? keys : keys.slice(0, firstCharts)
  if (keys.length === 0) return <p>Every metric was logged once; there is no curve.</p>
  return (
    <>
      {shown.map((key) => (
        <Section key={key} name={key}>
          <Panel rows={5}>
            <MetricChart metric={key} runs={runs} axis={axis} smoothing={smoothing} height={height} sync="curves" />
          </Panel>
        </Section>
      ))}
      {keys.length > shown.length ? (
        <TextButton onClick={() => setCharts('all')}>Show {keys.length - shown.length} more</TextButton>
      ) : null}
    </>
  )
}
