import { Menu } from '@mantine/core'
import { Link, useMatches } from '@tanstack/react-router'
import { useState } from 'react'
import { zone } from '../lib/format.ts'
import { chooseTheme, useThemeChoice, type ThemeChoice } from '../lib/theme.ts'
import { Icon } from '../ui/Icon.tsx'
import { StateIcon } from '../ui/StateIcon.tsx'
import { Palette, usePaletteKey } from './Palette.tsx'
import css from './Shell.module.css'

const themes: readonly { choice: ThemeChoice; word: string }[] = [
  { choice: 'light', word: 'Light' },
  { choice: 'dark', word: 'Dark' },
  { choice: 'system', word: 'As the system' },
]

export function TopBar({ openIncidents }: { openIncidents: number | undefined }) {
  const [palette, setPalette] = useState(false)
  usePaletteKey(() => setPalette(true))
  return (
    <header className={css['top']}>
      <Crumbs />
      <button
        type="button"
        className={css['search']}
        onClick={() => setPalette(true)}
        aria-keyshortcuts="Control+K Meta+K"
      >
        Search or jump to… <kbd className={css['key']}>⌘ K</kbd>
      </button>
      <Incidents open={openIncidents} />
      <span className={css['zone']} title="All times are shown in this zone">
        {zone}
      </span>
      <ThemeMenu />
      <Palette open={palette} onClose={() => setPalette(false)} />
    </header>
  )
}

function Crumbs() {
  const crumbs = useMatches({
    select: (matches) =>
      matches.flatMap((match) => match.staticData.crumbs?.(match.params as Record<string, string>) ?? []),
  })
  return (
    <nav aria-label="Where you are" className={css['crumbNav']}>
      <ol className={css['crumbs']}>
        {crumbs.map((crumb, index) => (
          <li key={crumb.word} className={css['crumb']}>
            {index === crumbs.length - 1 ? (
              <span aria-current="page">{crumb.shown ?? crumb.word}</span>
            ) : (
              (crumb.shown ?? <Link to={crumb.to ?? '.'}>{crumb.word}</Link>)
            )}
          </li>
        ))}
      </ol>
    </nav>
  )
}

function Incidents({ open }: { open: number | undefined }) {
  if (!open) return null
  return (
    <Link to="/incidents" className={css['incidents'] ?? ''}>
      <StateIcon state="crit" />
      {open} open {open === 1 ? 'incident' : 'incidents'}
    </Link>
  )
}

function ThemeMenu() {
  const choice = useThemeChoice()
  return (
    <Menu position="bottom-end" offset={6} width={150}>
      <Menu.Target>
        <button type="button" className={css['theme']} aria-label={`Theme: ${choice}`} title={`Theme: ${choice}`}>
          <Icon name={choice} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={choice} onChange={(next) => chooseTheme(next as ThemeChoice)}>
          {themes.map((theme) => (
            <Menu.RadioItem key={theme.choice} value={theme.choice}>
              {theme.word}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  )
}
