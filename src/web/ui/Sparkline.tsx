import type { Slot } from '../lib/colour.ts'

interface SparklineProps {
  values: readonly (number | null)[]
  /** Said to those who cannot see it. */
  label: string
  width?: number
  height?: number
  slot?: Slot
  /** For amounts: the foot is zero, with room above, so that an even feed is no line along either edge. */
  fromZero?: boolean
}

function pathOf(values: readonly (number | null)[], width: number, height: number, fromZero: boolean): string {
  const known = values.filter((value) => value !== null)
  const low = fromZero ? 0 : Math.min(...known)
  const span = (Math.max(...known) - low) * (fromZero ? 1.25 : 1) || 1
  let pen = 'M'
  let path = ''
  values.forEach((value, index) => {
    if (value === null) {
      pen = 'M'
      return
    }
    const x = (index / Math.max(1, values.length - 1)) * (width - 2) + 1
    const y = height - 2 - ((value - low) / span) * (height - 4)
    path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`
    pen = 'L'
  })
  return path
}

/** Grey unless it stands for a named series: its colour says nothing about its state. */
export function Sparkline({ values, label, width = 88, height = 20, slot, fromZero = false }: SparklineProps) {
  return (
    <svg
      width={width}
      height={height}
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={label}
      style={{ display: 'block' }}
    >
      {values.some((value) => value !== null) ? (
        <path
          d={pathOf(values, width, height, fromZero)}
          fill="none"
          stroke={slot ? `var(--s${slot})` : 'var(--t3)'}
          strokeWidth="1.2"
          strokeLinejoin="round"
        />
      ) : null}
    </svg>
  )
}
