import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Output } from '../../../contract/endpoint.ts'
import type { getIncident, IncidentEntry } from '../../../contract/monitoring.ts'
import { rollbackEndpoint } from '../../../contract/rollouts.ts'
import { getEndpoint } from '../../../contract/serving.ts'
import { read, useWrite } from '../../lib/api.ts'
import { exact, plain } from '../../lib/format.ts'
import { numberIn, saidOfCheck } from '../../lib/verdict-words.ts'
import { Act } from '../../ui/Act.tsx'
import { TextButton } from '../../ui/Button.tsx'
import { Drawer } from '../../ui/Drawer.tsx'
import { Go } from '../../ui/Go.tsx'
import { JsonTree } from '../../ui/JsonTree.tsx'
import { Section } from '../../ui/Page.tsx'
import { Timeline, type Happening } from '../../ui/Timeline.tsx'
import { Verdict } from '../../ui/Verdict.tsx'
import { useOutlook } from './outlook.tsx'
import { whenOf } from './incident-words.ts'

/** What a link of an entry leads to, by where it leads. */
function linkWord(link: string): string {
  if (link.startsWith('/pipelines')) return 'run'
  if (link.startsWith('/models')) return 'model'
  if (link.startsWith('/endpoints')) return 'rollout'
  if (link.startsWith('/automation')) return 'why'
  return 'open'
}

/** Offered while the promoted version is still the live one: later a rollback would take back something else. */
function Undo({ endpoint, entry }: { endpoint: string; entry: IncidentEntry }) {
  const write = useWrite(rollbackEndpoint)
  const { data } = useQuery(read(getEndpoint, { name: endpoint }))
  const from = numberIn(entry.numbers, 'from')
  const live = data?.variants.find((variant) => variant.role === 'live')
  if (data?.rollout !== null || live?.version !== numberIn(entry.numbers, 'to')) return null
  return (
    <Act
      title={`Take ${endpoint} back to ${from === null ? 'the version before' : `version ${from}`}?`}
      verb="Roll back"
      reason="Reason"
      what={`From the next request all traffic of ${endpoint} goes to the last version that was healthy. The promoted version stays registered and can be deployed again; this is recorded under your name.`}
      onAct={(reason) => write.mutateAsync({ name: endpoint, reason })}
    >
      {(ask) => (
        <>
          {' · '}
          <TextButton onClick={ask}>{`undo: back to ${from === null ? 'the version before' : `v${from}`}`}</TextButton>
        </>
      )}
    </Act>
  )
}

/** What happened, in order, with the numbers of each. */
export function Entries({ incident }: { incident: Output<typeof getIncident> }) {
  const [open, setOpen] = useState<IncidentEntry>()
  const { endpoint } = incident
  const entries = incident.entries.toSorted((a, b) => (a.event_time ?? a.at) - (b.event_time ?? b.at))
  const lastMove = entries.findLast((entry) => entry.kind === 'promoted' || entry.kind === 'rolled_back')
  const outlook = useOutlook(incident)
  const told = entries.map((entry, index): Happening => {
    const { state, word } = saidOfCheck(entry.state)
    const hasNumbers = Object.keys(entry.numbers).length > 0
    return {
      id: String(index),
      when: whenOf(entry, entries[index - 1]),
      at: entry.event_time ?? entry.at,
      state,
      word,
      title: entry.title,
      text: (
        <>
          {plain(entry.text)} {hasNumbers ? <TextButton onClick={() => setOpen(entry)}>numbers</TextButton> : null}
          {entry.link === null ? null : (
            <>
              {hasNumbers ? ' · ' : ''}
              <Go to={entry.link}>{linkWord(entry.link)}</Go>
            </>
          )}{' '}
          {entry === lastMove && entry.kind === 'promoted' ? <Undo endpoint={endpoint} entry={entry} /> : null}
        </>
      ),
    }
  })
  return (
    <>
      <Timeline happenings={outlook ? [...told, outlook] : told} />
      <Drawer title={open?.title ?? ''} open={open !== undefined} onClose={() => setOpen(undefined)}>
        {open ? (
          <>
            <Section name="What was found" about={exact(open.event_time ?? open.at)}>
              <Verdict state={saidOfCheck(open.state).state}>{plain(open.text)}</Verdict>
            </Section>
            <Section name="Its numbers">
              <JsonTree value={open.numbers} />
            </Section>
          </>
        ) : null}
      </Drawer>
    </>
  )
}
