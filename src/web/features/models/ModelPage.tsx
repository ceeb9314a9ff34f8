import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { getModel, listVersions, type ModelVersion } from '../../../contract/registry.ts'
import { read } from '../../lib/api.ts'
import { count } from '../../lib/format.ts'
import { useTableUrl } from '../../lib/table-url.ts'
import { useUrl } from '../../lib/url.ts'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { useEndpoints } from './deployed.ts'
import { SetAlias } from './SetAlias.tsx'
import { versionColumns } from './version-columns.tsx'
import { deployCommand, deploymentsOf, gateOf, type Deployment } from './version-words.ts'
import { VersionDetail } from './VersionDetail.tsx'

/** What the newest version may do, beside the one that is live. */
function mayGo(newest: ModelVersion | undefined, live: readonly Deployment[]): string {
  if (!newest) return ''
  if (live.some(({ variant }) => variant.version === newest.version)) return 'it is the newest'
  const { state } = gateOf(newest)
  if (state === 'crit') return `version ${newest.version} was refused by its gate`
  return state === 'ok' ? `version ${newest.version} passed its gate` : `version ${newest.version} has not been judged`
}

function titleOf(name: string, newest: ModelVersion | undefined, deployed: readonly Deployment[] | undefined): string {
  if (!newest) return `${name} has no versions.`
  if (!deployed) return `${name} has ${newest.version} as its newest version.`
  const live = deployed.filter(({ variant }) => variant.role === 'live')
  const rest = mayGo(newest, live)
  const versions = [...new Set(live.map(({ variant }) => variant.version))]
  if (versions.length === 0) return `No version of ${name} is live; ${rest}.`
  const many = versions.length > 1
  return `Version${many ? 's' : ''} ${versions.join(' and ')} of ${name} ${many ? 'are' : 'is'} live; ${rest}.`
}

export function ModelPage({ name }: { name: string }) {
  const { data: model } = useSuspenseQuery(read(getModel, { name }))
  const { data: versions } = useSuspenseQuery(read(listVersions, { name, limit: 200 }))
  const endpoints = useEndpoints()
  const [table, setTable] = useTableUrl()
  const [asked, setAsked] = useUrl('version', '')
  const [aliasing, setAliasing] = useState(false)
  const deployed = endpoints && deploymentsOf(endpoints, name)
  const newest = versions.items[0]
  const chosen = versions.items.find(({ version }) => String(version) === asked) ?? newest
  const champion = versions.items.find(({ aliases }) => aliases.includes('champion'))
  const title = titleOf(name, newest, deployed)
  if (!chosen) {
    return (
      <Page title={title} facts={model.description || 'A registered model has versions.'}>
        <Empty title="No versions yet" command={`mainstay models register ${name} PATH_TO_MODEL`}>
          A version holds exact files, the run they came from and the result of its gate.
        </Empty>
      </Page>
    )
  }
  return (
    <Page
      title={title}
      facts={model.description || `${count(versions.items.length)} versions; no description.`}
      actions={
        <>
          <Button onClick={() => setAliasing(true)}>Set alias…</Button>
          <CopyButton word="Copy as CLI" text={deployCommand(name, chosen, deployed)} />
        </>
      }
    >
      <DataTable
        name="versions"
        rows={versions.items}
        columns={versionColumns({ versions: versions.items, endpoints, champion })}
        rowKey={({ id }) => id}
        state={table}
        onState={setTable}
        chosen={new Set([chosen.id])}
        onOpen={({ version }) => setAsked(String(version))}
        height={340}
      />
      <VersionDetail key={chosen.id} version={chosen} champion={champion} deployed={deployed} />
      <SetAlias
        key={`alias ${chosen.id} ${String(aliasing)}`}
        model={model}
        version={chosen.version}
        deployed={deployed}
        open={aliasing}
        onClose={() => setAliasing(false)}
      />
    </Page>
  )
}
