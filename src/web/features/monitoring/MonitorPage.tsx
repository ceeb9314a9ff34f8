import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useDeferredValue } from 'react'
import { getMonitor, listMonitors } from '../../../contract/monitoring.ts'
import { asCurl, read } from '../../lib/api.ts'
import { useUrl } from '../../lib/url.ts'
import { saidOf } from '../../lib/verdict-words.ts'
import { TextButton } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { Drawer } from '../../ui/Drawer.tsx'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { RangeControl, longLengths, rangeBounds } from '../../ui/RangeControl.tsx'
import { Changes } from './Changes.tsx'
import { HowDecided } from './HowDecided.tsx'
import { MonitorTiles, tileNames } from './MonitorTiles.tsx'
import { PerformanceTimeline } from './PerformanceTimeline.tsx'
import { TileFacts, type AskedTile } from './TileFacts.tsx'
import { WindowsTable } from './WindowsTable.tsx'

const dayMs = 86_400_000

export function MonitorPage({ endpoint }: { endpoint: string }) {
  const { data: all } = useSuspenseQuery(read(listMonitors, {}))
  const watched = all.items.find((one) => one.endpoint === endpoint)
  return watched ? <Watched endpoint={endpoint} watermark={watched.watermark} /> : <Unwatched endpoint={endpoint} />
}

function Unwatched({ endpoint }: { endpoint: string }) {
  return (
    <Page title={`No monitor watches ${endpoint}.`} facts="Its predictions are logged; nobody judges them.">
      <Empty
        title="Declare what healthy means"
        command={`monitors:\n  ${endpoint}:\n    performance: { metric: wape, limit: 0.30, label_delay: 1d }`}
      >
        A monitor compares predictions with their labels and inputs with the training data. Put it into mainstay.yaml
        with a metric and limit of yours, then <code>mainstay apply</code>.
      </Empty>
    </Page>
  )
}

function Watched({ endpoint, watermark }: { endpoint: string; watermark: number | null }) {
  const [range, setRange] = useUrl('range', '100d')
  // Whole days, so that an hour more of events asks for the same range again.
  const end = watermark === null ? undefined : new Date((Math.floor(watermark / dayMs) + 1) * dayMs)
  const bounds = end ? rangeBounds(range, end) : undefined
  const from = useDeferredValue(bounds?.from.getTime())
  const to = useDeferredValue(bounds?.to.getTime())
  const { data: monitor } = useSuspenseQuery(
    read(getMonitor, { endpoint, ...(from !== undefined && to !== undefined ? { from, to } : {}) }),
  )
  const [shown, setShown] = useUrl('show', '')
  const asked = monitor.tiles.find(({ name }) => name === shown && name !== 'performance')?.name as
    | AskedTile
    | undefined
  const close = (): void => setShown('')
  const isNew = monitor.series.length === 0 && monitor.windows.length === 0

  return (
    <Page
      title={monitor.sentence}
      state={saidOf(monitor.state)}
      facts={
        <>
          {monitor.facts}
          {/[.!?]$/.test(monitor.facts) ? ' ' : '. '}
          <TextButton onClick={() => setShown('performance')}>How this was decided</TextButton>
          {'\u00A0· '}
          <Link to="/endpoints/$name" params={{ name: endpoint }}>
            endpoint
          </Link>
          {monitor.open_incidents > 0 ? (
            <>
              {'\u00A0· '}
              <Link to="/incidents" search={{ filter: `endpoint = ${endpoint}` } as never}>
                {monitor.open_incidents === 1
                  ? 'an\u00A0open\u00A0incident'
                  : `${monitor.open_incidents} open incidents`}
              </Link>
            </>
          ) : null}
        </>
      }
      actions={
        <>
          <RangeControl
            range={range}
            onRange={setRange}
            by="event time"
            lengths={longLengths}
            {...(end ? { now: end } : {})}
          />
          <CopyButton word="Copy as CLI" text={`mainstay monitor show ${endpoint}`} />
        </>
      }
    >
      <MonitorTiles tiles={monitor.tiles} onAsk={setShown} />
      {isNew ? (
        <Empty title="No predictions yet" command={`mainstay predict ${endpoint} NAME=VALUE …`}>
          The first prediction starts the watch; performance is judged when the labels of a whole window have come.
        </Empty>
      ) : (
        <>
          <PerformanceTimeline monitor={monitor} onWindows={() => setShown('windows')} />
          <Changes monitor={monitor} />
        </>
      )}
      <Drawer title="How this was decided" open={shown === 'performance'} onClose={close}>
        <HowDecided monitor={monitor} curl={asCurl(getMonitor, { endpoint }, location.origin)} />
      </Drawer>
      <Drawer title={asked ? tileNames[asked] : ''} open={asked !== undefined} onClose={close}>
        {asked ? <TileFacts monitor={monitor} name={asked} /> : null}
      </Drawer>
      <Drawer title="Windows" open={shown === 'windows'} onClose={close}>
        <WindowsTable windows={monitor.windows} metric={monitor.metric} />
      </Drawer>
    </Page>
  )
}
