import { useSuspenseQuery } from '@tanstack/react-query'
import type { Output } from '../../../contract/endpoint.ts'
import { getRollout, type Rollout } from '../../../contract/rollouts.ts'
import type { ServedEndpoint } from '../../../contract/serving.ts'
import { read } from '../../lib/api.ts'
import { asSentence, asWords, count, exact, plain, relative } from '../../lib/format.ts'
import { IncidentLink } from '../../lib/IncidentLink.tsx'
import { numberIn } from '../../lib/verdict-words.ts'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { Columns, Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Note, Quiet } from '../../ui/Quiet.tsx'
import type { State } from '../../ui/state.ts'
import { Steps } from '../../ui/Steps.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { CallExample } from './CallIt.tsx'
import { Checks } from './Checks.tsx'
import { PairedChart, evidenceWords } from './PairedChart.tsx'
import { RolloutLatency } from './RolloutLatency.tsx'
import { VariantsTable } from './VariantsTable.tsx'
import { saidOfRollout } from './endpoint-words.ts'

type Detail = Output<typeof getRollout>
type StepState = Rollout['steps'][number]['state']

const steps: Record<StepState, { state: State; word: string }> = {
  done: { state: 'ok', word: 'passed' },
  running: { state: 'running', word: 'running' },
  waiting: { state: 'unknown', word: 'not begun' },
  failed: { state: 'crit', word: 'failed' },
  skipped: { state: 'skipped', word: 'skipped' },
}

export function RolloutTab({ endpoint, rollouts }: { endpoint: ServedEndpoint; rollouts: readonly Rollout[] }) {
  const id = endpoint.rollout ?? rollouts[0]?.id
  return id === undefined ? <NoRollout endpoint={endpoint} /> : <Evidence id={id} endpoint={endpoint} />
}

function NoRollout({ endpoint }: { endpoint: ServedEndpoint }) {
  const model = endpoint.variants[0]?.model ?? 'MODEL'
  return (
    <Columns left={50}>
      {[
        <Section key="next" name="No rollout yet" about="how the next version comes here">
          <CodeBlock code={`mainstay deploy ${model}/VERSION --endpoint ${endpoint.name} --wait`} />
          <Note>
            The next version answers past requests again, then the same requests as the live one without being heard,
            then
            {` ${endpoint.spec.rollout.steps.join(' %, ')} %`} of the traffic. It goes back by itself on harm.
          </Note>
        </Section>,
        <div key="now">
          <VariantsTable endpoint={endpoint} />
          <CallExample endpoint={endpoint} />
        </div>,
      ]}
    </Columns>
  )
}

function Ended({ rollout }: { rollout: Detail }) {
  if (rollout.ended_at === null) return null
  const { state, word } = saidOfRollout(rollout)
  return (
    <Section
      name="The last rollout"
      about={
        <span
          title={exact(rollout.ended_at)}
        >{`version ${rollout.candidate}, ended ${relative(rollout.ended_event_time ?? rollout.ended_at)}`}</span>
      }
    >
      <Verdict state={state}>
        <b>{word}.</b> {asSentence(rollout.sentence)}
      </Verdict>
    </Section>
  )
}

/** What was found in a step; of the one that runs, how much evidence there is and how much it may still take. */
function linesOf(rollout: Detail, { facts, state }: Rollout['steps'][number]): string[] {
  if (facts.length > 0 || state !== 'running') return facts.slice(0, 2).map(asWords)
  const { paired, verdict } = rollout
  const quality = verdict?.checks.find((check) => check.name === 'Prediction quality')
  const more = quality ? numberIn(quality.numbers, 'more_units') : null
  return [
    paired.length === 0 ? 'waits for labels' : evidenceWords(rollout),
    ...(more === null ? [] : [`about ${count(more)} more to decide`]),
  ]
}

function Evidence({ id, endpoint }: { id: string; endpoint: ServedEndpoint }) {
  const { data: rollout } = useSuspenseQuery(read(getRollout, { id }))
  return (
    <>
      <Ended rollout={rollout} />
      <Steps
        steps={rollout.steps.map((step) => ({
          name: step.name,
          state: steps[step.state].state,
          word: steps[step.state].word,
          lines: linesOf(rollout, step),
        }))}
      />
      <Columns left={50}>
        {[
          rollout.champion === null ? (
            <Section key="evidence" name="Evidence" about="what a new version is held against">
              <Verdict state="unknown">
                Nothing was live before, so nothing was compared. The next version is held against this one.
              </Verdict>
            </Section>
          ) : (
            <div key="evidence">
              <PairedChart rollout={rollout} />
              <Checks rollout={rollout} />
            </div>
          ),
          <div key="now">
            <Panel rows={6}>
              <RolloutLatency rollout={rollout} watermark={endpoint.watermark} />
            </Panel>
            <Section name="Who answers now" about="since the data plane started">
              <VariantsTable endpoint={endpoint} />
            </Section>
            <Section name="Why it was started">
              <Quiet>
                {asSentence(rollout.reason)}
                {rollout.incident === null ? null : (
                  <>
                    {' '}
                    <IncidentLink id={rollout.incident} />
                  </>
                )}
                {` · ${relative(rollout.started_event_time ?? rollout.started_at)} · `}
                <code title={rollout.id}>{plain(rollout.id)}</code>
              </Quiet>
            </Section>
            <CallExample endpoint={endpoint} />
          </div>,
        ]}
      </Columns>
    </>
  )
}
