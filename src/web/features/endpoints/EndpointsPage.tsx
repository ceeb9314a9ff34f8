import { useSuspenseQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { listEndpoints, type ServedEndpoint } from '../../../contract/serving.ts'
import { read } from '../../lib/api.ts'
import { sentenceCase } from '../../lib/format.ts'
import { inWords } from '../../lib/verdict-words.ts'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { DataTable } from '../../ui/DataTable.tsx'
import { EmptyRoom } from '../../ui/EmptyRoom.tsx'
import { Page } from '../../ui/Page.tsx'
import { endpointColumns } from './endpoint-columns.tsx'

function titleOf(endpoints: readonly ServedEndpoint[]): string {
  const serving = endpoints.filter((endpoint) => endpoint.state === 'serving').length
  const down = endpoints.filter((endpoint) => endpoint.state === 'unreachable').map((endpoint) => endpoint.name)
  const moving = endpoints.filter((endpoint) => endpoint.rollout !== null).length
  const all = endpoints.length
  const first =
    serving === all
      ? all === 1
        ? `${endpoints[0]?.name ?? ''} answers`
        : `All ${inWords(all)} endpoints answer`
      : `${sentenceCase(inWords(serving))} of ${inWords(all)} endpoints ${serving === 1 ? 'answers' : 'answer'}`
  const rest =
    down.length > 0
      ? `; ${down.join(', ')} cannot be reached`
      : moving > 0
        ? all === 1
          ? '; a rollout is under way'
          : `; ${inWords(moving)} ${moving === 1 ? 'has' : 'have'} a rollout under way`
        : ''
  return `${first}${rest}.`
}

export function EndpointsPage() {
  const { data } = useSuspenseQuery(read(listEndpoints, {}))
  const navigate = useNavigate()
  if (data.items.length === 0) return <EmptyRoom id="endpoints" />
  return (
    <Page
      title={titleOf(data.items)}
      facts="Where predictions come from, and which version answers. Requests, failures and times are counted since the data plane started."
      actions={<CopyButton word="Copy as CLI" text="mainstay endpoints list" />}
    >
      <DataTable
        name="endpoints"
        rows={data.items}
        columns={endpointColumns}
        rowKey={(row) => row.name}
        onOpen={({ name }) => void navigate({ to: '/endpoints/$name', params: { name } })}
      />
    </Page>
  )
}
