import type { Run } from '../../../contract/experiments.ts'
import type { Slot } from '../../lib/colour.ts'
import { useUrl } from '../../lib/url.ts'
import { Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { PickMenu } from '../../ui/PickMenu.tsx'
import { Toolbar } from '../../ui/Toolbar.tsx'
import { ChartControls, useChartChoice } from './ChartControls.tsx'
import { MetricChart } from './MetricChart.tsx'
import { curveKeys } from './MetricCharts.tsx'
import type { Axis, NamedRun } from './metric-lines.ts'
import { ParallelRuns } from './ParallelRuns.tsx'
import { keysOf, type Measure } from './run-words.ts'

const curveWords: Record<Axis, string> = { step: 'by step', duration: 'by time since the start', time: 'by time' }

interface ChosenChartsProps {
  chosen: readonly NamedRun[]
  runs: readonly Run[]
  slotOf: (id: string) => Slot | undefined
  measure: Measure | undefined
}

/** One metric of the chosen runs, and what their params have to do with it. */
export function ChosenCharts({ chosen, runs, slotOf, measure }: ChosenChartsProps) {
  const keys = keysOf(
    chosen.map(({ run }) => run),
    'metrics',
  )
  const [asked, setAsked] = useUrl('metric', '')
  const { axis, smoothing } = useChartChoice()
  const metric = asked || (measure && keys.includes(measure.key) ? measure.key : keys[0])
  if (!metric) return <p>The chosen runs have no metrics.</p>
  const isCurve = curveKeys(chosen).includes(metric)
  return (
    <>
      <Toolbar>
        <PickMenu label="Metric" choices={keys.map((id) => ({ id, word: id }))} chosen={metric} onChoose={setAsked} />
        {isCurve ? <ChartControls /> : null}
      </Toolbar>
      <Section name={metric} about={isCurve ? curveWords[axis] : 'logged once'}>
        <Panel rows={9}>
          <MetricChart metric={metric} runs={chosen} axis={axis} smoothing={smoothing} height={200} />
        </Panel>
      </Section>
      {measure && runs.length > 1 ? (
        <Section name={`Parameters against ${measure.key}`}>
          <ParallelRuns runs={runs} slotOf={slotOf} measure={measure} height={208} axes={4} />
        </Section>
      ) : null}
    </>
  )
}
