import type { MonitorDetail } from '../../../contract/monitoring.ts'
import { count, interval, number, percent, signed, spanOf } from '../../lib/format.ts'
import { metricMeaning, metricName, saidOf } from '../../lib/verdict-words.ts'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { JsonTree } from '../../ui/JsonTree.tsx'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Verdict } from '../../ui/Verdict.tsx'

/** The window that gave the state, with every number it rests on. */
export function HowDecided({ monitor, curl }: { monitor: MonitorDetail; curl: string }) {
  const window = monitor.windows.findLast((one) => one.value !== null) ?? monitor.windows.at(-1)
  const said = saidOf(monitor.state)
  if (!window) {
    return (
      <Verdict state="unknown">
        No window has been judged in this range. A window is judged when it has ended and its labels have come.
      </Verdict>
    )
  }
  return (
    <>
      <Section name="Verdict">
        <Verdict state={said.state}>{window.sentence}</Verdict>
      </Section>
      <Section name="The judged window" about={spanOf({ from: window.start, to: window.end })}>
        <KeyValue
          facts={[
            {
              key: metricName(monitor.metric),
              value: number(window.value),
              note: metricMeaning(monitor.metric).split(':')[0],
            },
            {
              key: '95 % interval',
              value: interval(window.lower, window.upper),
              note: `from ${count(window.units)} ${'named' in window.numbers ? 'slices of entities' : 'units'}`,
            },
            {
              key: 'Limit',
              value: number(monitor.limit),
              note: monitor.spec.performance?.limit === undefined ? 'the forward backtest and a quarter' : 'declared',
            },
            { key: 'Labelled', value: `${count(window.labelled)} of ${count(window.rows)} rows` },
            {
              key: 'Bias',
              value: window.bias === null ? '—' : signed(window.bias, percent(window.bias)),
              note: 'of the mean truth',
            },
            {
              key: 'Skill',
              value: window.skill === null ? '—' : percent(window.skill),
              note: 'better than the same hour a week before',
            },
            { key: 'Version', value: window.version === null ? '—' : <code>{`v${window.version}`}</code> },
          ]}
        />
      </Section>
      <Section name="All numbers" about="enough to compute it again">
        <JsonTree value={window.numbers} />
      </Section>
      <Section name="Read it yourself">
        <CodeBlock code={`mainstay monitor show ${monitor.endpoint} --json\n${curl}`} />
      </Section>
    </>
  )
}
