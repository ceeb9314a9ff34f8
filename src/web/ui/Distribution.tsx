import { given } from '../lib/format.ts'
import { slotColour, type Slot } from '../lib/colour.ts'
import css from './Distribution.module.css'

interface DistributionProps {
  /** Shares per bin of the reference; drawn as grey bars. */
  reference: readonly number[]
  /** Shares per bin of what is compared; drawn as a stepped line. */
  current: readonly number[]
  /** Said to those who cannot see it, and on hover: column, windows and measure. */
  label: string
  height: number
  slot?: Slot
  /** The values at the bins' borders; one more than bins. Named below the first, middle and last when given. */
  borders?: readonly string[]
}

/** The first border lies a hair below the smallest value, so it is rounded. */
const borderWord = (border = ''): string =>
  border === '' || !Number.isFinite(Number(border)) ? border : given(Math.round(Number(border) * 100) / 100 || 0, 4)

function stepPath(shares: readonly number[], top: number): string {
  const y = (share: number): number => 100 - (share / top) * 96
  return shares.map((share, index) => `${index === 0 ? 'M' : 'L'}${index} ${y(share)}H${index + 1}`).join('')
}

/** How a column is distributed: the reference as grey bars, the current as a stepped line over them. */
export function Distribution({ reference, current, label, height, slot = 1, borders }: DistributionProps) {
  const bins = Math.max(reference.length, current.length)
  const top = Math.max(...reference, ...current, Number.EPSILON)
  return (
    <figure className={css['figure']} title={label}>
      <svg
        width="100%"
        height={height}
        viewBox={`0 0 ${bins} 100`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
        style={{ display: 'block' }}
      >
        {reference.map((share, index) => (
          <rect
            key={index}
            x={index + 0.04}
            width={0.92}
            y={100 - (share / top) * 96}
            height={(share / top) * 96}
            fill="var(--reference)"
          />
        ))}
        <path
          d={stepPath(current, top)}
          fill="none"
          stroke={slotColour(slot)}
          strokeWidth="1.5"
          vectorEffect="non-scaling-stroke"
        />
      </svg>
      {borders ? (
        <figcaption className={css['borders']}>
          <span>{borderWord(borders[0])}</span>
          <span>{borderWord(borders[Math.floor(borders.length / 2)])}</span>
          <span>{borderWord(borders[borders.length - 1])}</span>
        </figcaption>
      ) : null}
    </figure>
  )
}

/** Names the two in the head of a column or section. */
export function DistributionLegend({
  reference,
  current,
  slot = 1,
}: {
  reference: string
  current: string
  slot?: Slot
}) {
  return (
    <span className={css['legend']}>
      <span className={css['bar']} />
      {reference}
      <span className={css['line']} style={{ background: slotColour(slot) }} />
      {current}
    </span>
  )
}
