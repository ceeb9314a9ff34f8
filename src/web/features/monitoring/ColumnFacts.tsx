import type { ColumnVerdict } from '../../../contract/monitoring.ts'
import { fixed, number, percent } from '../../lib/format.ts'
import type { Said } from '../../lib/verdict-words.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { Distribution, DistributionLegend } from '../../ui/Distribution.tsx'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Verdict } from '../../ui/Verdict.tsx'

/** One input with everything its verdict rests on. */
export function ColumnFacts({ column, said, current }: { column: ColumnVerdict; said: Said; current: string }) {
  return (
    <>
      <Section name={said.word}>
        <Verdict state={said.state}>{column.what}</Verdict>
      </Section>
      {column.bins.length === 0 ? null : (
        <Section name="Distribution" about={<DistributionLegend reference="training" current={current} />}>
          <Distribution
            reference={column.bins.map((bin) => bin.reference)}
            current={column.bins.map((bin) => bin.current)}
            height={120}
            label={`${column.column}: training against ${current}`}
            borders={column.bins.map((bin) => bin.label)}
          />
        </Section>
      )}
      <Section name="Numbers">
        <KeyValue
          facts={[
            { key: 'Effect size', value: number(column.effect), note: 'how far it moved' },
            { key: 'Method', value: column.method },
            { key: 'q', value: number(column.q), note: 'after counting all columns' },
            { key: 'Importance', value: number(column.importance), note: 'how much it moves the answers' },
            { key: 'Impact', value: number(column.impact), note: 'effect size × importance' },
            { key: 'Outside range', value: percent(column.outside) },
            { key: 'Nulls', value: percent(column.nulls) },
            { key: 'Unseen values', value: percent(column.unseen) },
            { key: 'PSI', value: fixed(column.psi, 2), note: 'not judged by' },
          ]}
        />
      </Section>
      {column.bins.length === 0 ? null : (
        <DataTable
          name="bins"
          rows={column.bins}
          rowKey={(bin) => bin.label}
          columns={[
            { id: 'label', head: 'Bin', cell: (bin) => bin.label, value: (bin) => bin.label },
            {
              id: 'reference',
              head: 'Training',
              right: true,
              cell: (bin) => percent(bin.reference),
              value: (bin) => bin.reference,
            },
            {
              id: 'current',
              head: 'Current',
              right: true,
              cell: (bin) => percent(bin.current),
              value: (bin) => bin.current,
            },
          ]}
        />
      )}
    </>
  )
}
