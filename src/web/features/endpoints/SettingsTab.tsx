import { toMs } from '../../../contract/duration.ts'
import type { ServedEndpoint } from '../../../contract/serving.ts'
import { count, duration, exact, percent, relative } from '../../lib/format.ts'
import { fromHere } from '../../lib/url.ts'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Columns, Section } from '../../ui/Page.tsx'

const captures: Record<ServedEndpoint['spec']['capture'], string> = {
  off: 'nothing is kept',
  best_effort: 'a full queue drops rows, never a request',
  required: 'a request waits for room in the queue',
  durable: 'a request is answered when its row is on disk',
}

/** What the project's file says about this endpoint, in words, and as the file. */
export function SettingsTab({ endpoint }: { endpoint: ServedEndpoint }) {
  const { spec, name } = endpoint
  const { rollout } = spec
  const yaml = [
    'endpoints:',
    `  ${name}:`,
    `    clock: ${spec.clock}`,
    `    capture: ${spec.capture}`,
    `    allowed_lateness: ${spec.allowed_lateness}`,
    `    deadline: ${spec.deadline}`,
    `    pair_below: ${spec.pair_below}`,
    '    rollout:',
    `      steps: [${rollout.steps.join(', ')}]`,
    `      shadow: ${rollout.shadow}`,
    `      replay: ${rollout.replay}`,
    `      margin: ${rollout.margin}`,
    `      max_duration: ${rollout.max_duration}`,
  ].join('\n')
  return (
    <Columns left={50}>
      {[
        <div key="words">
          <Section name="Serving">
            <KeyValue
              facts={[
                { key: 'Predictions', value: <code>{fromHere(endpoint.predict_url)}</code> },
                {
                  key: 'Time',
                  value: spec.clock === 'event' ? 'the request says when its event happened' : 'the hour of arrival',
                },
                {
                  key: 'Late by at most',
                  value:
                    toMs(spec.allowed_lateness) === 0
                      ? 'the newest event moves the time on at once'
                      : duration(toMs(spec.allowed_lateness)),
                },
                { key: 'Deadline of a request', value: duration(toMs(spec.deadline)) },
                { key: 'Capture', value: captures[spec.capture], note: <code>{spec.capture}</code> },
                { key: 'Queue', value: `${count(spec.queue_rows)} rows` },
                {
                  key: 'Configuration',
                  value: `generation ${endpoint.generation}`,
                  note: <span title={exact(endpoint.created_at)}>{`made ${relative(endpoint.created_at)}`}</span>,
                },
              ]}
            />
          </Section>
          <Section name="Rollout of a new version">
            <KeyValue
              facts={[
                { key: 'Replay', value: rollout.replay === 0 ? 'no replay' : `${count(rollout.replay)} past requests` },
                {
                  key: 'Shadow',
                  value: rollout.shadow ? 'answers the same requests unheard, until one unit is labelled' : 'no shadow',
                },
                { key: 'Steps', value: rollout.steps.map((step) => percent(step / 100)).join(' → ') },
                {
                  key: 'Harm',
                  value: `${percent(rollout.margin)} more error than the live version`,
                  note: 'goes back by itself',
                },
                { key: 'Waits at most', value: duration(toMs(rollout.max_duration)), note: 'then a person decides' },
              ]}
            />
          </Section>
        </div>,
        <div key="file">
          <Section name="In mainstay.yaml" about="the file is the place to change it">
            <CodeBlock code={yaml} />
          </Section>
          <Section name="Then">
            <CodeBlock code="mainstay apply" />
          </Section>
        </div>,
      ]}
    </Columns>
  )
}
