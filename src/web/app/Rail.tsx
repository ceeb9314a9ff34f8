import { Menu } from '@mantine/core'
import { Link, useMatches } from '@tanstack/react-router'
import { signOut } from '../../contract/identity.ts'
import { call } from '../lib/api.ts'
import { Icon } from '../ui/Icon.tsx'
import { rooms } from './rooms.ts'
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
        {rooms.map((room) => (
          <li key={room.id}>
            <Link
              to={room.path}
              className={css['room'] ?? ''}
              title={room.word}
              {...(here === room.id ? { 'aria-current': 'page' as const } : {})}
            >
              <Icon name={room.icon} />
              <span className={css['word']}>{room.word}</span>
              {room.id === 'monitoring' && data.openIncidents ? (
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
            <span className={css['small']}>
              <Icon name="settings" />
            </span>
            <span className={css['word']}>Settings</span>
          </Link>
        </li>
        <li>
          <a href="/docs/api" className={css['room']} title="API reference">
            <span className={css['small']}>
              <Icon name="docs" />
            </span>
            <span className={css['word']}>API reference</span>
          </a>
        </li>
        <li className={css['user']}>
          <span>{data.user}</span>
          <span className={css['role']}>{data.role}</span>
        </li>
        {data.isSignedIn ? (
          <li>
            <button type="button" className={`${css['room']} ${css['signOut']}`} title="Sign out" onClick={leave}>
              <span className={css['small']}>
                <Icon name="leave" />
              </span>
              <span className={css['word']}>Sign out</span>
            </button>
          </li>
        ) : null}
      </ul>
    </nav>
  )
}
