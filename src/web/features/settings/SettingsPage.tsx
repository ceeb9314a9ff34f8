import { zone } from '../../lib/format.ts'
import { chooseTheme, useThemeChoice, type ThemeChoice } from '../../lib/theme.ts'
import { KeyValue } from '../../ui/KeyValue.tsx'
import { Columns, Page, Section } from '../../ui/Page.tsx'
import { Panel } from '../../ui/Panel.tsx'
import { Segments } from '../../ui/Tabs.tsx'
import { DeadJobs, ServerFacts } from './Server.tsx'
import { Tokens } from './Tokens.tsx'

const themes = [
  { id: 'light', word: 'Light' },
  { id: 'dark', word: 'Dark' },
  { id: 'system', word: 'As the system' },
]

export function SettingsPage() {
  const choice = useThemeChoice()
  return (
    <Page title="Settings" facts="The look is kept in this browser; the server is set by its environment.">
      <Columns left={50}>
        {[
          <div key="browser">
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
              <Panel rows={5}>
                <ServerFacts />
              </Panel>
            </Section>
          </div>,
          <div key="server">
            <Panel rows={5}>
              <Tokens />
            </Panel>
            <Panel rows={3}>
              <DeadJobs />
            </Panel>
          </div>,
        ]}
      </Columns>
    </Page>
  )
}
