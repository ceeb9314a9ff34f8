import { Menu } from '@mantine/core'
import { Link, useMatches } from '@tanstack/react-router'
import { signOut } from '../../contract/identity.ts'
import { call } from '../lib/api.ts'
import { rooms } from '../lib/rooms.ts'
import { Icon, type IconName } from '../ui/Icon.tsx'
import type { ShellData } from './shell-data.ts'
import css from './Shell.module.css'

/** The page is loaded anew, so that nothing of the session stays in memory. */
const leave = (): void => void call(signOut, {}).then(() => location.reload())

/** Where one can go. At 1100 px and less only the icons stay, with their words on hover. */
export function Rail({ data }: { data: ShellData }) {
  const here = useMatches({ select: (matches) => matches[matches.length - 1]?.staticData.room })
  return (
    <nav className={css['rail']} aria-label="Rooms">
      <Menu position="bottom-start" offset={2} width={184}>
        <Menu.Target>
          <button type="button" className={css['project']} title={`Project ${data.project}`}>
            <span className={css['logo']} aria-hidden="true">
              M
            </span>
            <span className={css['projectName']}>{data.project}</span>
            <span className={css['chevron']} aria-hidden="true">
              ⌄
            </span>
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Projects</Menu.Label>
          <Menu.Item leftSection="✓">{data.project}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ul className={css['rooms']}>
        {Object.entries(rooms).map(([id, { word, path, icon }]) => (
          <li key={id}>
            <Link
              to={path}
              className={css['room'] ?? ''}
              title={word}
              {...(here === id ? { 'aria-current': 'page' as const } : {})}
            >
              <Icon name={icon} />
              <span className={css['word']}>{word}</span>
              {id === 'monitoring' && data.openIncidents ? (
                <span className={css['open']} title={`${data.openIncidents} open`}>
                  {data.openIncidents}
                </span>
              ) : null}
            </Link>
          </li>
        ))}
      </ul>
      <ul className={css['below']}>
        <li>
          <Link to="/settings" className={css['room'] ?? ''} title="Settings">
            <Below icon="settings" word="Settings" />
          </Link>
        </li>
        <li>
          <a href="/docs/api" className={css['room']} title="API reference">
            <Below icon="docs" word="API reference" />
          </a>
        </li>
        <li className={css['user']}>
          <span>{data.user}</span>
          <span className={css['role']}>{data.role}</span>
        </li>
        {data.isSignedIn ? (
          <li>
            <button type="button" className={`${css['room']} ${css['signOut']}`} title="Sign out" onClick={leave}>
              <Below icon="leave" word="Sign out" />
            </button>
          </li>
        ) : null}
      </ul>
    </nav>
  )
}

/** The icon stands only where there is no room for the word. */
function Below({ icon, word }: { icon: IconName; word: string }) {
  return (
    <>
      <span className={css['small']}>
        <Icon name={icon} />
      </span>
      <span className={css['word']}>{word}</span>
    </>
  )
}
