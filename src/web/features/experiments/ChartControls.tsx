import { useUrl } from '../../lib/url.ts'
import { PickMenu } from '../../ui/PickMenu.tsx'
import { Segments } from '../../ui/Tabs.tsx'
import type { Axis } from './metric-lines.ts'

const axes = [
  { id: 'step', word: 'Step' },
  { id: 'duration', word: 'Time' },
]
const smoothings = [
  { id: '0', word: 'Smoothing off' },
  { id: '0.6', word: 'Smoothing 0.6' },
  { id: '0.9', word: 'Smoothing 0.9' },
  { id: '0.97', word: 'Smoothing 0.97' },
]

/** How charts of runs are drawn; one choice for the page, in its URL. */
export function useChartChoice() {
  const [axis, setAxis] = useUrl('x', 'step')
  const [smoothing, setSmoothing] = useUrl('smooth', '0')
  return { axis: axis as Axis, setAxis, smoothing: Number(smoothing) || 0, setSmoothing }
}

export function ChartControls() {
  const { axis, setAxis, smoothing, setSmoothing } = useChartChoice()
  return (
    <>
      <PickMenu label="Smoothing" choices={smoothings} chosen={String(smoothing)} onChoose={setSmoothing} />
      <Segments label="Across" choices={axes} chosen={axis} onChoose={setAxis} />
    </>
  )
}
