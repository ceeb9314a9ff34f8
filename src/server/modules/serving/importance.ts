import type { Cell } from '../../../contract/signature.ts'
import { seededRandom } from '../../../stats/seeded-random.ts'
import { totalEffect, type Answer } from '../../../stats/total-effect.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { predictionColumns } from './prediction-columns.ts'
import { scoreRows, type ScoredRow } from './scorer-client.ts'
import type { Servable } from './servable.ts'

/** Enough for a rank; wide models get fewer rows, so that one never scores many more than 20,000. */
const rowsFor = (columns: number): number => Math.max(50, Math.min(300, Math.floor(20_000 / (columns + 1))))

type Row = Readonly<Record<string, unknown>>

/**
 * How much each input moves the model's answers over its training rows, 0 to about 1 (`totalEffect`); without the inputs
 * that these rows lack. The model is asked again with one input at a time taken from other rows, in a process of its own.
 */
export async function measureImportance(
  ctx: Ctx,
  home: string,
  model: Pick<Servable, 'onnxDigest' | 'signature'>,
  rows: readonly Row[],
): Promise<ReadonlyMap<string, number>> {
  const columns = model.signature.inputs.map(({ name }) => name).filter((name) => Object.hasOwn(rows[0] ?? {}, name))
  const sample = shuffled(rows).slice(0, rowsFor(columns.length))
  if (sample.length < 2 || columns.length === 0) return new Map()
  const swapped = columns.flatMap((name) => sample.map((row, i) => ({ ...row, [name]: neighbour(sample, i)[name] })))
  const { rows: scored } = await scoreRows(ctx, home, model, [...sample, ...swapped])
  const answers = scored.slice(0, sample.length).map(answerOf)
  return new Map(
    columns.flatMap((name, at) => {
      const others = scored.slice((at + 1) * sample.length, (at + 2) * sample.length).map(answerOf)
      const known = answers.flatMap((answer, i) => {
        const other = others[i]
        return answer === undefined || other === undefined ? [] : [{ answer, other }]
      })
      const share = totalEffect(
        known.map(({ answer }) => answer),
        known.map(({ other }) => other),
      )
      return share === undefined ? [] : [[name, share] as const]
    }),
  )
}

/** The sample is in random order, so the next row is any other row. */
const neighbour = (sample: readonly Row[], i: number): Row => sample[(i + 1) % sample.length] ?? {}

function shuffled(rows: readonly Row[]): Row[] {
  const random = seededRandom(1)
  const order = [...rows]
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1)
    ;[order[i], order[j]] = [order[j] as Row, order[i] as Row]
  }
  return order
}

/** The probability where there is one: it moves before the class does. */
function answerOf({ outputs, error }: ScoredRow): Answer | undefined {
  const columns = predictionColumns(Object.keys(outputs))
  if (error !== null || !columns) return undefined
  const answer: Cell | undefined = outputs[columns.probability ?? columns.value]
  if (typeof answer === 'number') return Number.isFinite(answer) ? answer : undefined
  return answer === null || answer === undefined ? undefined : String(answer)
}
