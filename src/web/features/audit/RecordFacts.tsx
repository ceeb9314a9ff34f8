import { listAudit, type AuditRecord } from '../../../contract/audit.ts'
import { asCurl } from '../../lib/api.ts'
import { exact } from '../../lib/format.ts'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { Go } from '../../ui/Go.tsx'
import { JsonTree } from '../../ui/JsonTree.tsx'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { pageOf } from './audit-words.ts'

/** One record whole, as it went into the chain. */
export function RecordFacts({ record }: { record: AuditRecord }) {
  const { id, at, actor, action, subject, details, digest } = record
  const page = pageOf(record)
  return (
    <>
      <Section name="Record" about={`number ${id}`}>
        <KeyValue
          facts={[
            { key: 'When', value: exact(at) },
            { key: 'Who', value: actor },
            { key: 'Action', value: <code>{action}</code> },
            {
              key: 'Subject',
              value: page ? (
                <Go to={page}>
                  <code>{subject}</code>
                </Go>
              ) : (
                <code>{subject}</code>
              ),
            },
            { key: 'Digest', value: <code style={{ overflowWrap: 'anywhere' }}>{digest}</code> },
          ]}
        />
      </Section>
      <Section name="Details">
        <JsonTree value={details} />
      </Section>
      <Section name="Read it yourself">
        <CodeBlock
          code={`mainstay audit list --subject ${subject}\n${asCurl(listAudit, { subject }, location.origin)}`}
        />
      </Section>
    </>
  )
}
