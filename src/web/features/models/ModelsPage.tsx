import { useSuspenseQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { listModels, type RegisteredModel } from '../../../contract/registry.ts'
import type { ServedEndpoint } from '../../../contract/serving.ts'
import { read } from '../../lib/api.ts'
import { count } from '../../lib/format.ts'
import { useTableUrl } from '../../lib/table-url.ts'
import { DataTable } from '../../ui/DataTable.tsx'
import { EmptyRoom } from '../../ui/EmptyRoom.tsx'
import { Page } from '../../ui/Page.tsx'
import { Mono, Time } from '../../ui/Time.tsx'
import type { Column } from '../../ui/table-model.ts'
import { useEndpoints } from './deployed.ts'
import { deploymentsOf, servedWords } from './version-words.ts'

const aliasWords = ({ aliases }: RegisteredModel): string =>
  aliases.map(({ alias, version }) => `${alias} v${version}`).join(', ')

function columnsOf(endpoints: readonly ServedEndpoint[] | undefined): Column<RegisteredModel>[] {
  const served = (model: RegisteredModel): string =>
    endpoints ? servedWords(deploymentsOf(endpoints, model.name)) || 'nowhere' : 'not known'
  return [
    {
      id: 'name',
      head: 'Model',
      width: 180,
      cell: ({ name }) => (
        <Link to="/models/$name" params={{ name }}>
          {name}
        </Link>
      ),
      value: ({ name }) => name,
    },
    {
      id: 'newest',
      head: 'Newest',
      width: 70,
      cell: ({ newest_version }) => (newest_version === null ? 'none' : <Mono>{`v${newest_version}`}</Mono>),
      value: ({ newest_version }) => newest_version,
    },
    { id: 'aliases', head: 'Aliases', width: 150, cell: (model) => aliasWords(model) || 'none', value: aliasWords },
    { id: 'served', head: 'Serves', width: 210, cell: served, value: served },
    {
      id: 'about',
      head: 'What it is',
      width: 330,
      drop: 1,
      cell: ({ description }) => <span title={description}>{description || '—'}</span>,
      value: ({ description }) => description,
    },
    {
      id: 'updated',
      head: 'Changed',
      width: 110,
      right: true,
      drop: 2,
      cell: ({ updated_at }) => <Time at={updated_at} />,
      value: ({ updated_at }) => updated_at,
    },
  ]
}

function titleOf(
  models: readonly RegisteredModel[],
  endpoints: readonly ServedEndpoint[] | undefined,
  more: boolean,
): string {
  const all = `${more ? 'more than ' : ''}${count(models.length)} ${models.length === 1 ? 'model' : 'models'}`
  if (!endpoints) return `${all.charAt(0).toUpperCase()}${all.slice(1)}; where they serve is not known.`
  const served = models.filter(({ name }) => deploymentsOf(endpoints, name).length > 0).length
  if (models.length === 1)
    return `${models[0]?.name ?? 'The model'} ${served === 1 ? 'serves' : 'does not serve'} predictions.`
  return `${served === models.length ? 'All' : count(served)} of ${all} ${served === 1 ? 'serves' : 'serve'} predictions.`
}

export function ModelsPage() {
  const { data } = useSuspenseQuery(read(listModels, { limit: 1000 }))
  const endpoints = useEndpoints()
  const [table, setTable] = useTableUrl()
  const navigate = useNavigate()
  if (data.items.length === 0) return <EmptyRoom id="models" />
  return (
    <Page
      title={titleOf(data.items, endpoints, data.next !== undefined)}
      facts="Registered models, their versions, and which one is live."
    >
      <DataTable
        name="models"
        rows={data.items}
        columns={columnsOf(endpoints)}
        rowKey={({ name }) => name}
        state={table}
        onState={setTable}
        onOpen={({ name }) => void navigate({ to: '/models/$name', params: { name } })}
      />
    </Page>
  )
}
