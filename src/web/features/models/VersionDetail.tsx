import { Link } from '@tanstack/react-router'
import type { ModelVersion } from '../../../contract/registry.ts'
import { given, number, plain } from '../../lib/format.ts'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { KeyValue, type Fact } from '../../ui/KeyValue.tsx'
import { Columns, Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Mono } from '../../ui/Time.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { GateResults } from './GateResults.tsx'
import { MetricsAgainst } from './MetricsAgainst.tsx'
import { SignatureTable } from './SignatureTable.tsx'
import { VersionLineage } from './VersionLineage.tsx'
import { deployCommand, onnxOf, type Deployment } from './version-words.ts'

interface VersionDetailProps {
  version: ModelVersion
  champion: ModelVersion | undefined
  deployed: readonly Deployment[] | undefined
}

/** One version: where it comes from, what its gate said, how it is put to work. */
export function VersionDetail({ version, champion, deployed }: VersionDetailProps) {
  const own = deployed?.filter(({ variant }) => variant.version === version.version)
  return (
    <>
      <Section name={`Version ${version.version}`} about={version.description || 'from its data to where it answers'}>
        <Panel rows={3}>
          <VersionLineage version={version} deployed={own} />
        </Panel>
      </Section>
      <Columns left={54}>
        {[
          <div key="judged">
            <GateResults version={version} />
            <MetricsAgainst version={version} champion={champion} />
          </div>,
          <div key="served">
            <Section name="ONNX form" about="against the original, on the model’s own input example">
              <OnnxVerdict version={version} />
            </Section>
            <Section name="Deploy it" about="by replay, shadow and canary, if something is live already">
              <CodeBlock code={deployCommand(version.model, version, deployed)} />
            </Section>
            {version.onnx.signature ? <SignatureTable signature={version.onnx.signature} /> : null}
            {version.tags.length > 0 ? (
              <Section name="Tags">
                <KeyValue
                  facts={version.tags.map(({ key, value }) => ({
                    key,
                    value:
                      key === 'mainstay.run' ? (
                        <Link to="/pipelines/runs/$run" params={{ run: value }}>
                          <Mono>{plain(value)}</Mono>
                        </Link>
                      ) : (
                        value
                      ),
                  }))}
                />
              </Section>
            ) : null}
          </div>,
        ]}
      </Columns>
    </>
  )
}

function OnnxVerdict({ version }: { version: ModelVersion }) {
  const { onnx } = version
  const { state, word } = onnxOf(onnx)
  const { difference } = onnx
  if (!difference) {
    return (
      <Verdict state={state}>
        {word}:{' '}
        {onnx.reason ?? (onnx.state === 'ready' ? 'there was no input example to compare on' : 'no reason given')}.
      </Verdict>
    )
  }
  const facts: Fact[] = [
    { key: 'Largest difference', value: number(difference.max_abs), note: 'absolute' },
    {
      key: 'Of the largest output',
      value: number(difference.max_rel),
      note: `tolerance ${given(difference.tolerance)}`,
    },
    { key: 'Rows compared', value: difference.rows },
  ]
  return (
    <>
      <Verdict state={state}>
        {state === 'ok'
          ? 'It answers as the original does.'
          : 'It does not answer as the original does; look before you deploy it.'}
      </Verdict>
      <KeyValue figures facts={facts} />
    </>
  )
}
