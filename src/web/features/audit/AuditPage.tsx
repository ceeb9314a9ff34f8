import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { verifyAudit, type AuditRecord } from '../../../contract/audit.ts'
import type { Output } from '../../../contract/endpoint.ts'
import { read } from '../../lib/api.ts'
import { count, exact, plain, relative, sentenceCase } from '../../lib/format.ts'
import { useTableUrl } from '../../lib/table-url.ts'
import { type Said } from '../../lib/verdict-words.ts'
import { TextButton } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Drawer } from '../../ui/Drawer.tsx'
import { EmptyRoom } from '../../ui/EmptyRoom.tsx'
import { Go } from '../../ui/Go.tsx'
import { Page } from '../../ui/Page.tsx'
import { Quiet } from '../../ui/Quiet.tsx'
import { Skeleton } from '../../ui/Skeleton.tsx'
import { FilterLine } from '../../ui/Toolbar.tsx'
import type { Column } from '../../ui/table-model.ts'
import { RecordFacts } from './RecordFacts.tsx'
import { useAuditList } from './audit-list.ts'
import { deedOf, detailsOf, pageOf, subjectOf } from './audit-words.ts'

const columns: readonly Column<AuditRecord>[] = [
  {
    id: 'id',
    head: '#',
    width: 44,
    right: true,
    cell: (row) => <Quiet>{count(row.id)}</Quiet>,
  },
  { id: 'at', head: 'When', width: 96, cell: (row) => <span title={exact(row.at)}>{relative(row.at)}</span> },
  { id: 'actor', head: 'Who', width: 100, cell: (row) => <span title={row.actor}>{plain(row.actor)}</span> },
  { id: 'action', head: 'Did', width: 150, cell: (row) => <span title={row.action}>{deedOf(row)}</span> },
  {
    id: 'subject',
    head: 'To',
    width: 160,
    cell: (row) => {
      const page = pageOf(row)
      const name = <span title={row.subject}>{subjectOf(row)}</span>
      return page ? <Go to={page}>{name}</Go> : name
    },
  },
  {
    id: 'details',
    head: 'Why, or with what',
    width: 400,
    cell: (row) => (
      <span title={detailsOf(row)}>
        <Quiet>{detailsOf(row) || '—'}</Quiet>
      </span>
    ),
  },
]

type Chain = Output<typeof verifyAudit>

const titleOf = ({ records, intact, broken_at: at }: Chain): string =>
  intact
    ? `The record is whole: ${records === 1 ? 'its one entry was' : `none of its ${count(records)} entries was`} altered.`
    : `The record is broken at entry ${count(at)}.`

const saidOfChain = ({ intact }: Chain): Said =>
  intact ? { state: 'ok', word: 'Chain verified' } : { state: 'crit', word: 'Chain broken' }

/** Who did what, with a reason, in a record that cannot be altered unnoticed. */
export function AuditPage() {
  const { data: chain } = useSuspenseQuery(read(verifyAudit, {}))
  const [state, setState] = useTableUrl()
  const list = useAuditList(state.filter)
  const [open, setOpen] = useState<AuditRecord>()
  if (chain.records === 0 && chain.intact) return <EmptyRoom id="governance" />
  return (
    <Page
      title={titleOf(chain)}
      state={saidOfChain(chain)}
      facts="Who did what, newest first. Each record carries the digest of the one before; the chain was computed anew when this page was opened."
      actions={<CopyButton word="Copy as CLI" text="mainstay audit verify && mainstay audit list" />}
    >
      {list.waits ? (
        <Skeleton rows={12} />
      ) : (
        <DataTable
          name="records"
          rows={list.records}
          columns={columns}
          rowKey={(row) => String(row.id)}
          served
          state={state}
          onState={setState}
          onOpen={setOpen}
          tools={{
            filter: (
              <FilterLine
                label="Search the record"
                value={state.filter}
                onChange={(filter) => setState({ ...state, filter })}
                placeholder="words that stand in a record: a person, a model, a reason"
                words={[]}
              />
            ),
            shown: `${count(list.records.length)} ${list.more ? 'loaded' : 'shown'}`,
          }}
        />
      )}
      {list.more ? (
        <p style={{ marginTop: 8 }}>
          <TextButton onClick={list.more}>{list.loadingMore ? 'Loading…' : 'Load 200 older records'}</TextButton>
        </p>
      ) : null}
      <Drawer
        title={open ? sentenceCase(deedOf(open)) : ''}
        open={open !== undefined}
        onClose={() => setOpen(undefined)}
      >
        {open ? <RecordFacts record={open} /> : null}
      </Drawer>
    </Page>
  )
}
