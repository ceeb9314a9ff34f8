import { useSuspenseQuery } from '@tanstack/react-query'
import { about } from '../../contract/system.ts'
import { read } from '../lib/api.ts'
import { chooseTheme, useThemeChoice, type ThemeChoice } from '../lib/theme.ts'
import { zone } from '../lib/format.ts'
import { KeyValue } from '../ui/KeyValue.tsx'
import { Page, Section } from '../ui/Page.tsx'
import { Panel } from '../ui/Panel.tsx'
import { Segments } from '../ui/Tabs.tsx'

const themes = [
  { id: 'light', word: 'Light' },
  { id: 'dark', word: 'Dark' },
  { id: 'system', word: 'As the system' },
]

export function SettingsPage() {
  const choice = useThemeChoice()
  return (
    <Page title="Settings" facts="What is set for you in this browser; the server is set by its environment.">
      <Section name="Look">
        <KeyValue
          facts={[
            {
              key: 'Theme',
              value: (
                <Segments
                  label="Theme"
                  choices={themes}
                  chosen={choice}
                  onChoose={(id) => chooseTheme(id as ThemeChoice)}
                />
              ),
            },
            { key: 'Times', value: `shown in ${zone}` },
          ]}
        />
      </Section>
      <Section name="Server">
        <Panel rows={3}>
          <ServerFacts />
        </Panel>
      </Section>
    </Page>
  )
}

function ServerFacts() {
  const { data } = useSuspenseQuery(read(about, {}))
  return (
    <KeyValue
      facts={[
        { key: 'Version', value: <code>{data.version}</code> },
        { key: 'Predictions', value: <code>{data.predict_url}</code> },
        { key: 'Database', value: data.database },
        { key: 'Automation', value: data.automation ? 'acts by itself where a rule says so' : 'switched off' },
      ]}
    />
  )
}
