import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { closeIncident, getIncident } from '../../../contract/monitoring.ts'
import type { Output } from '../../../contract/endpoint.ts'
import { read, useWrite } from '../../lib/api.ts'
import { day, duration } from '../../lib/format.ts'
import { signalWords } from '../../lib/verdict-words.ts'
import { Act } from '../../ui/Act.tsx'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Columns, Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Entries } from './Entries.tsx'
import { Evidence } from './Evidence.tsx'
import { Proposals } from './Proposals.tsx'
import { saidOfIncident } from './incident-words.ts'

type Detail = Output<typeof getIncident>

function factsOf(incident: Detail): string {
  const opened = day(incident.opened_event_time)
  const first = incident.entries.find((entry) => entry.event_time !== null)?.event_time ?? incident.opened_event_time
  const live = incident.entries.findLast((entry) => entry.kind === 'promoted' || entry.kind === 'rolled_back')
  const closed = incident.closed_event_time
  const told = [
    `Incident ${incident.number}`,
    incident.state !== 'closed'
      ? `open since ${opened}`
      : closed === null
        ? `opened ${opened}, closed by hand`
        : `open from ${opened} to ${day(closed)}, ${duration(closed - incident.opened_event_time)}`,
    live?.event_time
      ? `${duration(live.event_time - first)} from the first sign to the version that is live`
      : undefined,
    `signal: ${signalWords[incident.signal]}`,
    incident.closed_reason === null ? undefined : `closed because ${asReason(incident.closed_reason)}`,
  ]
  return told.filter((one) => one !== undefined).join(' · ')
}

/** `Two windows …` → `two windows …`; what a person wrote keeps its capitals beyond the first. */
const asReason = (reason: string): string =>
  reason.replace(/^[A-Z](?=[a-z ])/, (first) => first.toLowerCase()).replace(/\.$/, '')

export function IncidentPage({ id }: { id: string }) {
  const { data: incident } = useSuspenseQuery(read(getIncident, { id }))
  const close = useWrite(closeIncident)
  return (
    <Page
      title={`${incident.title}.`}
      state={saidOfIncident(incident)}
      facts={
        <>
          {factsOf(incident)} ·{' '}
          <Link to="/monitoring/$endpoint" params={{ endpoint: incident.endpoint }}>
            {incident.endpoint}
          </Link>
        </>
      }
      actions={
        <>
          <CopyButton word="Copy as CLI" text={`mainstay incidents show ${id}`} />
          {incident.state === 'closed' ? null : (
            <Act
              title={`Close incident ${incident.number}?`}
              verb="Close"
              reason="Reason"
              what="Nothing else changes: versions, rules and quarantines stay as they are. If the signal holds, the next judged window opens a new incident."
              onAct={(reason) => close.mutateAsync({ id, reason })}
            >
              {(ask) => <Button onClick={ask}>Close with a reason…</Button>}
            </Act>
          )}
        </>
      }
    >
      <Columns left={65}>
        {[
          <div key="story">
            <Entries incident={incident} />
            <Panel rows={3}>
              <Proposals incident={id} />
            </Panel>
          </div>,
          <Evidence key="evidence" incident={incident} />,
        ]}
      </Columns>
    </Page>
  )
}
