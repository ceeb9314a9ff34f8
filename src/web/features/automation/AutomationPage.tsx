import { useSuspenseQuery } from '@tanstack/react-query'
import { listActions, listRules, setEnabled, type Rule } from '../../../contract/automation.ts'
import { read, useWrite } from '../../lib/api.ts'
import { useUrl } from '../../lib/url.ts'
import { sentenceCase } from '../../lib/format.ts'
import { inWords } from '../../lib/verdict-words.ts'
import { Act } from '../../ui/Act.tsx'
import { Button } from '../../ui/Button.tsx'
import { CopyButton } from '../../ui/CopyButton.tsx'
import { EmptyRoom } from '../../ui/EmptyRoom.tsx'
import { Page, Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { ProposedAction } from '../../ui/ProposedAction.tsx'
import { Tabs } from '../../ui/Tabs.tsx'
import { ActionsTable } from './ActionsTable.tsx'
import { DecisionsTable } from './DecisionsTable.tsx'
import { RulesTable } from './RulesTable.tsx'

function titleOf(rules: readonly Rule[], enabled: boolean): string {
  const acting = rules.filter((rule) => rule.effective_mode === 'auto').length
  const all = rules.length
  if (!enabled) return 'Automation is switched off; no rule does anything by itself.'
  if (acting === 0)
    return `${all === 1 ? 'The one rule' : `None of ${inWords(all)} rules`} ${all === 1 ? 'does not act' : 'acts'} by itself.`
  if (acting === all) return all === 1 ? 'The one rule acts by itself.' : `All ${inWords(all)} rules act by themselves.`
  return `${sentenceCase(inWords(acting))} of ${inWords(all)} rules ${acting === 1 ? 'acts by itself' : 'act by themselves'}.`
}

export function AutomationPage() {
  const { data } = useSuspenseQuery(read(listRules, {}))
  const [tab, setTab] = useUrl('tab', 'decisions')
  if (data.items.length === 0) return <EmptyRoom id="automation" />
  return (
    <Page
      title={titleOf(data.items, data.enabled)}
      state={data.enabled ? { state: 'ok', word: 'Switched on' } : { state: 'warn', word: 'Switched off' }}
      facts="A rule acts on a judged signal, never on a guess. After two actions without recovery it only proposes. Every decision is kept, also the one to do nothing."
      actions={
        <>
          <CopyButton word="Copy as CLI" text="mainstay automation list" />
          <Switch enabled={data.enabled} />
        </>
      }
    >
      <Panel rows={2}>
        <Asked />
      </Panel>
      <Section name="Rules" about="declared in mainstay.yaml; the mode can be changed here">
        <RulesTable rules={data.items} enabled={data.enabled} />
      </Section>
      <Tabs
        label="What was done"
        choices={[
          { id: 'decisions', word: 'Decisions' },
          { id: 'actions', word: 'Actions' },
        ]}
        chosen={tab}
        onChoose={setTab}
      />
      <Panel key={tab} rows={8}>
        {tab === 'actions' ? <ActionsTable /> : <DecisionsTable />}
      </Panel>
    </Page>
  )
}

function Asked() {
  const { data } = useSuspenseQuery(read(listActions, { state: 'proposed' }))
  return data.items.map((action) => <ProposedAction key={action.id} action={action} />)
}

function Switch({ enabled }: { enabled: boolean }) {
  const write = useWrite(setEnabled)
  return (
    <Act
      title={enabled ? 'Switch automation off?' : 'Let the rules act again?'}
      verb={enabled ? 'Switch off' : 'Switch on'}
      reason="Reason"
      what={
        enabled
          ? 'From now on no rule starts anything. What is running goes on, rollouts still go back on harm, and monitoring goes on judging; decisions are kept as observed.'
          : 'Each rule again does what its mode allows, from the next judged window on. Nothing that was missed is made up for.'
      }
      onAct={(reason) => write.mutateAsync({ enabled: !enabled, reason })}
    >
      {(ask) => (
        <Button weight={enabled ? 'undo' : 'primary'} onClick={ask}>
          {enabled ? 'Switch off' : 'Switch on'}
        </Button>
      )}
    </Act>
  )
}
