import type { Signature } from '../../../contract/signature.ts'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'

const several = (times: number, word: string): string => `${times} ${word}${times === 1 ? '' : 's'}`

/** The columns that the version reads and answers. */
export function SignatureTable({ signature }: { signature: Signature }) {
  return (
    <Section
      name="Signature"
      about={`${several(signature.inputs.length, 'input')}, ${several(signature.outputs.length, 'output')}`}
    >
      <KeyValue
        facts={[
          ...signature.inputs.map(({ name, kind, missing }) => ({
            key: name,
            value: missing ? `${kind}, may be missing` : kind,
            note: 'input',
          })),
          ...signature.outputs.map(({ name, kind }) => ({ key: name, value: kind, note: 'output' })),
        ]}
      />
    </Section>
  )
}
