import { useState } from 'react'
import { playground, type ServedEndpoint } from '../../../contract/serving.ts'
import type { Cell, Column, Signature } from '../../../contract/signature.ts'
import { useWrite } from '../../lib/api.ts'
import { duration, number } from '../../lib/format.ts'
import { Button, TextButton } from '../../ui/Button.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Field } from '../../ui/Field.tsx'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Columns, Section } from '../../ui/Page.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { CallIt } from './CallIt.tsx'
import { useExampleRow, type ExampleRow } from './example-row.ts'

type Draft = Readonly<Record<string, string>>

const asDraft = (signature: Signature, row: Readonly<Record<string, unknown>>): Draft =>
  Object.fromEntries(
    signature.inputs.map(({ name }) => {
      const value = row[name]
      return [
        name,
        value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value),
      ]
    }),
  )

function problemOf({ kind, missing }: Column, text: string): string | undefined {
  if (text.trim() === '') return missing ? undefined : 'This column may not be missing.'
  if (kind === 'float' && !Number.isFinite(Number(text))) return 'This is no number.'
  if (kind === 'int' && !/^-?\d+$/.test(text.trim())) return 'This is no whole number.'
  return undefined
}

function cellOf({ kind }: Column, text: string): Cell {
  if (text.trim() === '') return null
  if (kind === 'string') return text
  return kind === 'bool' ? text === 'true' : Number(text)
}

/** One prediction by hand, from the signature of the live version. */
export function PlaygroundTab({ endpoint }: { endpoint: ServedEndpoint }) {
  const { signature } = endpoint
  const example = useExampleRow(endpoint)
  if (!signature) {
    return (
      <Empty title="Nothing to ask yet" command={`mainstay deploy MODEL@champion --endpoint ${endpoint.name} --wait`}>
        The form is made from the signature of the version that answers.
      </Empty>
    )
  }
  return example ? <Form endpoint={endpoint} signature={signature} example={example} /> : <Skeleton rows={12} />
}

interface FormProps {
  endpoint: ServedEndpoint
  signature: Signature
  /** What the form begins with. */
  example: ExampleRow
}

function Form({ endpoint, signature, example }: FormProps) {
  const [draft, setDraft] = useState<Draft>(() => asDraft(signature, example.row))
  const ask = useWrite(playground)
  const wrong = signature.inputs.find((column) => problemOf(column, draft[column.name] ?? '') !== undefined)
  const row = Object.fromEntries(
    signature.inputs.map((column) => [column.name, cellOf(column, draft[column.name] ?? '')]),
  )
  return (
    <Columns left={50}>
      {[
        <form
          key="form"
          onSubmit={(event) => {
            event.preventDefault()
            if (!wrong) ask.mutate({ name: endpoint.name, row })
          }}
        >
          <Section
            name="Inputs"
            about={example.captured ? 'the newest captured row' : 'made-up values'}
            actions={
              <TextButton onClick={() => setDraft(asDraft(signature, example.row))}>
                {example.captured ? 'Fill with the newest row' : 'Fill anew'}
              </TextButton>
            }
          >
            {signature.inputs.map((column) => (
              <Field
                key={column.name}
                name={column.name}
                kind={column.missing ? `${column.kind}, may be missing` : column.kind}
                value={draft[column.name] ?? ''}
                choices={column.kind === 'bool' ? ['true', 'false'] : undefined}
                problem={problemOf(column, draft[column.name] ?? '')}
                onChange={(value) => setDraft({ ...draft, [column.name]: value })}
              />
            ))}
          </Section>
          <p style={{ marginBottom: 24 }}>
            <Button
              weight="primary"
              busy={ask.isPending}
              refused={wrong ? `${wrong.name}: ${problemOf(wrong, draft[wrong.name] ?? '') ?? ''}` : undefined}
              onClick={() => ask.mutate({ name: endpoint.name, row })}
            >
              Predict
            </Button>
          </p>
        </form>,
        <div key="answer">
          <Section name="Answer" about="logged, never monitored">
            {ask.error ? (
              <Verdict state="crit">
                {ask.error.message} {ask.error.next}
              </Verdict>
            ) : ask.data ? (
              <KeyValue
                facts={[
                  ...Object.entries(ask.data.outputs).map(([key, value]) => ({
                    key,
                    value: (
                      <b title={JSON.stringify(value)}>
                        {(Array.isArray(value) ? value : [value])
                          .map((one: unknown) => (typeof one === 'number' ? number(one, 6) : JSON.stringify(one)))
                          .join(', ')}
                      </b>
                    ),
                  })),
                  { key: 'Version', value: <code>{ask.data.variant}</code> },
                  { key: 'Took', value: duration(ask.data.took_ms) },
                  { key: 'Id', value: <code>{ask.data.id}</code>, note: 'send its label with this id' },
                ]}
              />
            ) : (
              <Quiet>Press Predict, or Enter in a field.</Quiet>
            )}
          </Section>
          <CallIt endpoint={endpoint} row={row} />
        </div>,
      ]}
    </Columns>
  )
}
