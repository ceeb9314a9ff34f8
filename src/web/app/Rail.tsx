import { Menu } from '@mantine/core'
import { Link, useMatches } from '@tanstack/react-router'
import { Icon } from '../ui/Icon.tsx'
import { rooms } from './rooms.ts'
import type { ShellData } from './shell-data.ts'
import css from './Shell.module.css'

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
              aria-label={room.word}
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
          <Link to="/settings" className={css['room'] ?? ''} title="Settings" aria-label="Settings">
            <span className={css['small']}>
              <Icon name="settings" />
            </span>
            <span className={css['word']}>Settings</span>
          </Link>
        </li>
        <li>
          <a href="/docs" className={css['room']} title="Documentation" aria-label="Documentation">
            <span className={css['small']}>
              <Icon name="docs" />
            </span>
            <span className={css['word']}>Documentation</span>
          </a>
        </li>
        <li className={css['user']}>
          <span>{data.user}</span>
          <span className={css['role']}>{data.role}</span>
        </li>
      </ul>
    </nav>
  )
}
