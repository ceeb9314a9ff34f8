import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { listRollouts } from '../../../contract/rollouts.ts'
import { getEndpoint } from '../../../contract/serving.ts'
import { read } from '../../lib/api.ts'
import { count } from '../../lib/format.ts'
import { useUrl } from '../../lib/url.ts'
import { Empty } from '../../ui/Empty.tsx'
import { Page } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { SplitBar } from '../../ui/SplitBar.tsx'
import { Tabs } from '../../ui/Tabs.tsx'
import { HistoryTab } from './HistoryTab.tsx'
import { LiveActions } from './LiveActions.tsx'
import { PlaygroundTab } from './PlaygroundTab.tsx'
import { PredictionsTab } from './PredictionsTab.tsx'
import { RolloutActions } from './RolloutActions.tsx'
import { RolloutTab } from './RolloutTab.tsx'
import { SettingsTab } from './SettingsTab.tsx'
import { TrafficTab } from './TrafficTab.tsx'
import { answering, saidOfEndpoint, saidOfRollout, slotOf, titleOf } from './endpoint-words.ts'

const tabs = [
  { id: 'rollout', word: 'Rollout' },
  { id: 'traffic', word: 'Traffic' },
  { id: 'predictions', word: 'Predictions' },
  { id: 'playground', word: 'Playground' },
  { id: 'settings', word: 'Settings' },
  { id: 'history', word: 'History' },
]

const shown = {
  rollout: RolloutTab,
  traffic: TrafficTab,
  predictions: PredictionsTab,
  playground: PlaygroundTab,
  settings: SettingsTab,
  history: HistoryTab,
}

const isTab = (id: string): id is keyof typeof shown => id in shown

export function EndpointPage({ name }: { name: string }) {
  const [chosen, setTab] = useUrl('tab', 'rollout')
  const { data: endpoint } = useSuspenseQuery(read(getEndpoint, { name }))
  const { data: rollouts } = useSuspenseQuery(read(listRollouts, { endpoint: name }))
  const running = rollouts.items.find((rollout) => rollout.id === endpoint.rollout && rollout.ended_at === null)
  const parts = answering(endpoint)
  const Tab = shown[isTab(chosen) ? chosen : 'rollout']
  const broken = endpoint.variants.find((variant) => variant.loaded === 'failed')
  const { rows, labels } = endpoint.captured

  return (
    <Page
      title={titleOf(endpoint, running)}
      state={running ? saidOfRollout(running) : saidOfEndpoint(endpoint)}
      facts={
        <>
          {broken ? `v${broken.version} could not be loaded: ${broken.error ?? ''}. ` : ''}
          {running
            ? running.sentence
            : rows === 0
              ? 'Nothing was captured yet.'
              : `${count(rows)} rows captured, ${count(labels)} of them labelled.`}{' '}
          <Link to="/monitoring/$endpoint" params={{ endpoint: name }}>
            How it is doing
          </Link>
        </>
      }
      actions={
        running ? <RolloutActions rollout={running} /> : <LiveActions endpoint={endpoint} rollouts={rollouts.items} />
      }
    >
      {parts.length === 0 && endpoint.rollout === null && rollouts.items.length === 0 ? (
        <Empty title="No version is on it yet" command={`mainstay deploy MODEL@champion --endpoint ${name} --wait`}>
          The first version gets all traffic at once. Every later one is tried on past requests, then beside the live
          one, then on a part of the traffic.
        </Empty>
      ) : (
        <>
          <Tabs
            label="Parts of this endpoint"
            choices={tabs}
            chosen={isTab(chosen) ? chosen : 'rollout'}
            onChoose={setTab}
          />
          {parts.length > 0 && (chosen === 'rollout' || chosen === 'traffic') ? (
            <SplitBar
              parts={parts.map((variant) => ({
                name: `v${variant.version}`,
                share: variant.weight,
                slot: slotOf(variant.version),
              }))}
            />
          ) : null}
          <Panel key={chosen} rows={10}>
            <Tab endpoint={endpoint} rollouts={rollouts.items} />
          </Panel>
        </>
      )}
    </Page>
  )
}
