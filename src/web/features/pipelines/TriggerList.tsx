import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Mono, Time } from '../../ui/Time.tsx'
import type { Pipeline } from './pipeline.ts'

type Trigger = Pipeline['triggers'][number]

const matchWords = (match: unknown): string =>
  typeof match === 'object' && match !== null
    ? Object.entries(match)
        .map(([key, value]) => `${key} = ${String(value)}`)
        .join(', ')
    : ''

function triggerFact({ trigger, next_at }: Trigger) {
  const { cron, zone, event, match } = trigger
  if (typeof cron === 'string') {
    return {
      key: 'Schedule',
      value: (
        <>
          <Mono>{cron}</Mono> in {typeof zone === 'string' ? zone : 'UTC'}
        </>
      ),
      note: next_at === null ? 'never again' : <Time at={next_at} />,
    }
  }
  const words = matchWords(match)
  return {
    key: 'Event',
    value: (
      <>
        <Mono>{String(event)}</Mono> {words === '' ? 'always' : `where ${words}`}
      </>
    ),
    note: '',
  }
}

/** What starts the pipeline by itself. */
export function TriggerList({ pipeline }: { pipeline: Pipeline }) {
  return (
    <Section name="Triggers" about="what starts it by itself">
      {pipeline.triggers.length === 0 ? (
        <p>Nothing: it runs by hand, by the CLI or by a rule of Automation.</p>
      ) : (
        <KeyValue facts={pipeline.triggers.map((trigger) => ({ ...triggerFact(trigger), id: trigger.id }))} />
      )}
    </Section>
  )
}
