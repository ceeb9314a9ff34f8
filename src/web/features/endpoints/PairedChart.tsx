import type { Output } from '../../../contract/endpoint.ts'
import type { getRollout } from '../../../contract/rollouts.ts'
import { count, given, interval, number, signed } from '../../lib/format.ts'
import { numberIn } from '../../lib/verdict-words.ts'
import { Section } from '../../ui/Page.tsx'
import { TimeChart } from '../../ui/TimeChart.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { slotOf } from './endpoint-words.ts'

type Detail = Output<typeof getRollout>

const hour = 3_600_000

/** What a unit is, by how far neighbours lie apart. */
function unitWord({ paired }: Pick<Detail, 'paired'>): string {
  const gaps = paired.slice(1).map((point, index) => point.unit - (paired[index]?.unit ?? 0))
  const least = Math.min(...gaps)
  return least === 24 * hour ? 'day' : least === hour ? 'hour' : 'unit'
}

const isDrawn = ({ paired }: Pick<Detail, 'paired'>): boolean => paired.some((point) => point.drawn)

/** `13 paired days`; where a row was answered by one version only, `13 days, by who was drawn`. */
export function evidenceWords(rollout: Pick<Detail, 'paired'>): string {
  const { length } = rollout.paired
  const units = `${unitWord(rollout)}${length === 1 ? '' : 's'}`
  return isDrawn(rollout) ? `${count(length)} ${units}, by who was drawn` : `${count(length)} paired ${units}`
}

const withSign = (value: number): string => signed(value, number(value))

/** The sentence under the chart: who is better by how much, and what is excluded. */
function Said({ rollout, margin }: { rollout: Detail; margin: number | null }) {
  const last = rollout.paired.at(-1)
  if (!last) return null
  const { candidate, champion } = rollout
  const isBetter = last.mean < 0
  const harmExcluded = margin !== null && last.upper !== null && last.upper < margin
  return (
    <Verdict
      state={
        last.upper === null
          ? 'unknown'
          : last.lower !== null && last.lower > 0
            ? 'crit'
            : harmExcluded
              ? 'ok'
              : 'unknown'
      }
    >
      v{candidate} is {isBetter ? 'better' : 'worse'} by <b title={String(last.mean)}>{number(Math.abs(last.mean))}</b>{' '}
      {last.lower === null || last.upper === null
        ? '(too few units for an interval)'
        : `(at any look between ${interval(last.lower, last.upper).replace('–', 'and')})`}
      , from {evidenceWords(rollout)}
      {champion === null ? '' : ` against v${champion}`}.{' '}
      {margin === null
        ? null
        : harmExcluded
          ? `Harm beyond ${signed(margin, given(margin, 3))} is excluded.`
          : `Harm beyond ${signed(margin, given(margin, 3))} is not excluded yet.`}
    </Verdict>
  )
}

/** The first intervals are too wide to say anything: the height is that of the later two thirds. */
function focusOf(paired: Detail['paired']): readonly [low: number, high: number] {
  const settled = paired.slice(Math.floor(paired.length / 3))
  const values = [
    ...paired.map(({ mean }) => mean),
    ...settled.flatMap(({ lower, upper }) => (lower === null || upper === null ? [] : [lower, upper])),
  ]
  return [Math.min(...values), Math.max(...values)]
}

/** Error of the candidate less error of the champion, with bounds that hold at any look. */
export function PairedChart({ rollout }: { rollout: Detail }) {
  const { candidate, champion, paired } = rollout
  const word = unitWord(rollout)
  const quality = rollout.verdict?.checks.find((check) => check.name === 'Prediction quality')
  const margin = quality ? numberIn(quality.numbers, 'margin') : null
  const name = champion === null ? `Error of v${candidate}` : `Error of v${candidate} less error of v${champion}`
  return (
    <Section
      name={name}
      about={`a row, ${isDrawn(rollout) ? `by who was drawn, ${word} by ${word}` : `on the same requests, paired by ${word}`} · mean so far`}
    >
      {paired.length === 0 ? (
        <Verdict state="unknown">Waits for labelled rows of both versions.</Verdict>
      ) : (
        <>
          <TimeChart
            label={name}
            x={paired.map((point) => point.unit)}
            by="time"
            lines={[
              {
                name: `v${candidate} less v${champion ?? '?'}`,
                values: paired.map((point) => point.mean),
                low: paired.map((point) => point.lower),
                high: paired.map((point) => point.upper),
                slot: slotOf(candidate),
              },
            ]}
            height={150}
            focus={focusOf(paired)}
            limit={
              margin === null
                ? undefined
                : { value: margin, word: `harm beyond ${signed(margin, given(margin, 3))}`, dashed: true }
            }
            yWords={(value) => signed(value, given(value, 3))}
            shown={withSign}
            note={(index) => {
              const point = paired[index]
              return point ? `${count(point.units)} ${word}s, this one ${withSign(point.difference)}` : undefined
            }}
          />
          <Said rollout={rollout} margin={margin} />
        </>
      )}
    </Section>
  )
}
