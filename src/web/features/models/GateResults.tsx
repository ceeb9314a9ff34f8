import type { GateResult, ModelVersion } from '../../../contract/registry.ts'
import { asSentence, duration, given, number } from '../../lib/format.ts'
import { JsonTree } from '../../ui/JsonTree.tsx'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Time } from '../../ui/Time.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { newestGates } from './version-words.ts'

/** What each gate said of the version, with the numbers it said it from. */
export function GateResults({ version }: { version: ModelVersion }) {
  const gates = newestGates(version)
  return (
    <>
      {gates.length === 0 ? (
        <Section name="Gate">
          <Verdict state="unknown">
            Not judged: no pipeline has put this version before a gate. A check step in mainstay.yaml does.
          </Verdict>
        </Section>
      ) : (
        gates.map((gate) => <Gate key={gate.id} gate={gate} />)
      )}
    </>
  )
}

const isPlain = (value: unknown): value is number | string | boolean | null =>
  value === null || ['number', 'string', 'boolean'].includes(typeof value)

const shown = (value: number | string | boolean | null): string =>
  typeof value === 'number'
    ? Number.isInteger(value)
      ? given(value)
      : number(value, 4)
    : value === null
      ? '—'
      : String(value)

const words: Record<string, string> = {
  difference: 'loss, candidate less champion',
  value: 'mean',
  n: 'units',
  se: 'standard error',
  lower: 'at least (95 %)',
  upper: 'at most (95 %)',
  failures: 'failed rows',
  named: 'rows that name their entity',
  candidateP99Ms: 'p99 of the candidate, ms',
  championP99Ms: 'p99 of the champion, ms',
}

const wordOf = (key: string): string => words[key] ?? key.replaceAll('_', ' ')

const mostNumbers = 40

/** `{slices: {weekend: {mae}}}` → `slices, weekend, mae`: every number in a row of its own. */
function flat(
  numbers: Readonly<Record<string, unknown>>,
  before = '',
): [key: string, value: number | string | boolean | null][] {
  return Object.entries(numbers).flatMap(([key, value]): [string, number | string | boolean | null][] => {
    const name = before + wordOf(key)
    if (isPlain(value)) return [[name, value]]
    return typeof value === 'object' && value !== null ? flat(value as Record<string, unknown>, `${name}, `) : []
  })
}

function Gate({ gate }: { gate: GateResult }) {
  const { verdict: _, sentence: __, ...rest } = gate.numbers
  const numbers = flat(rest)
  return (
    <Section name={gate.kind === 'gate' ? 'Gate' : `Gate ${gate.kind}`} about={<Time at={gate.at} />}>
      <Verdict state={gate.passed ? 'ok' : 'crit'}>{asSentence(gate.sentence)}</Verdict>
      {numbers.length > mostNumbers ? (
        <JsonTree value={gate.numbers} />
      ) : (
        <KeyValue
          figures
          facts={numbers.map(([key, value]) => ({
            key,
            value: (
              <span title={String(value)}>
                {key === 'unit' && typeof value === 'number' ? duration(value) : shown(value)}
              </span>
            ),
          }))}
        />
      )}
    </Section>
  )
}
