import { Outlet } from '@tanstack/react-router'
import { useLive } from '../lib/live.ts'
import { useFilterKey } from './filter-key.ts'
import { Rail } from './Rail.tsx'
import { TopBar } from './TopBar.tsx'
import { useShellData } from './shell-data.ts'
import css from './Shell.module.css'

export function Shell() {
  useLive()
  useFilterKey()
  const data = useShellData()
  return (
    <div className={css['shell']}>
      <a className={css['skip']} href="#page">
        Skip to the page
      </a>
      <Rail data={data} />
      <TopBar openIncidents={data.openIncidents} />
      <main id="page" className={css['main']} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  )
}
