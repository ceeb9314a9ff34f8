import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { createToken, listTokens, revokeToken, RoleName, type Token } from '../../../contract/identity.ts'
import { read, useWrite } from '../../lib/api.ts'
import { exact, relative } from '../../lib/format.ts'
import { Act } from '../../ui/Act.tsx'
import { Button, TextButton } from '../../ui/Button.tsx'
import { CodeBlock } from '../../ui/CodeBlock.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Drawer } from '../../ui/Drawer.tsx'
import { Section } from '../../ui/Page.tsx'
import { Note, Quiet } from '../../ui/Quiet.tsx'
import { Segments } from '../../ui/Tabs.tsx'
import { TextField } from '../../ui/TextField.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import type { Column } from '../../ui/table-model.ts'

const columns: readonly Column<Token>[] = [
  { id: 'name', head: 'Name', width: 150, value: (row) => row.name, cell: (row) => row.name },
  { id: 'role', head: 'Role', width: 70, value: (row) => row.role, cell: (row) => row.role },
  {
    id: 'created',
    head: 'Made',
    width: 90,
    value: (row) => row.created_at,
    cell: (row) => <span title={exact(row.created_at)}>{relative(row.created_at)}</span>,
  },
  {
    id: 'expires',
    head: 'Ends',
    width: 90,
    value: (row) => row.expires_at,
    cell: (row) =>
      row.expires_at === null ? (
        <Quiet>never</Quiet>
      ) : (
        <span title={exact(row.expires_at)}>{relative(row.expires_at)}</span>
      ),
  },
  { id: 'revoke', head: '', width: 64, right: true, cell: (row) => <Revoke token={row} /> },
]

/** Who may call this server from elsewhere. */
export function Tokens() {
  const { data } = useSuspenseQuery(read(listTokens, {}))
  const [open, setOpen] = useState(false)
  return (
    <Section
      name="API tokens"
      about="for MLflow, the command line and browsers elsewhere"
      actions={<TextButton onClick={() => setOpen(true)}>New token</TextButton>}
    >
      {data.items.length === 0 ? (
        <Quiet>None yet. On this machine nothing asks for one; a server that answers beyond it asks everybody.</Quiet>
      ) : (
        <DataTable name="tokens" rows={data.items} columns={columns} rowKey={(row) => row.id} />
      )}
      <Drawer title="New token" open={open} onClose={() => setOpen(false)}>
        <NewToken />
      </Drawer>
    </Section>
  )
}

function Revoke({ token }: { token: Token }) {
  const write = useWrite(revokeToken)
  return (
    <Act
      title={`Revoke ${token.name}?`}
      verb="Revoke"
      what="It stops working with the next request, in every program and browser that uses it. It cannot be brought back; a new one can be made."
      onAct={() => write.mutateAsync({ id: token.id })}
    >
      {(ask) => <TextButton onClick={ask}>revoke</TextButton>}
    </Act>
  )
}

const roles = [
  { id: 'viewer', word: 'Viewer' },
  { id: 'editor', word: 'Editor' },
  { id: 'admin', word: 'Admin' },
]

function NewToken() {
  const [name, setName] = useState('')
  const [role, setRole] = useState('editor')
  const [days, setDays] = useState('')
  const write = useWrite(createToken)
  if (write.data) {
    return (
      <>
        <Verdict state="warn">This is the only time the secret of {write.data.name} is shown.</Verdict>
        <CodeBlock code={write.data.secret} />
        <Note>Use it as MAINSTAY_TOKEN, or as the password of MLflow (MLFLOW_TRACKING_PASSWORD).</Note>
      </>
    )
  }
  const isPeriod = days === '' || /^[1-9]\d{0,4}$/.test(days)
  const refused = name.trim() === '' ? 'Give it a name first.' : isPeriod ? undefined : 'Days are a whole number.'
  return (
    <>
      <TextField label="Name" value={name} onChange={setName} note="who or what uses it" />
      <div style={{ margin: '12px 0' }}>
        <Segments label="Role" choices={roles} chosen={role} onChoose={setRole} />
      </div>
      <TextField label="Ends after days" value={days} onChange={setDays} note="empty: never" />
      {write.error ? <Verdict state="crit">{`${write.error.message} ${write.error.next}`}</Verdict> : null}
      <p style={{ marginTop: 16 }}>
        <Button
          weight="primary"
          refused={refused}
          busy={write.isPending}
          onClick={() =>
            write.mutate({
              name: name.trim(),
              role: RoleName.parse(role),
              ...(days === '' ? {} : { days: Number(days) }),
            })
          }
        >
          Make the token
        </Button>
      </p>
    </>
  )
}
