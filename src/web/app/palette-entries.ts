import { useQueries } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { listIncidents, listMonitors } from '../../contract/monitoring.ts'
import { listModels } from '../../contract/registry.ts'
import { listEndpoints } from '../../contract/serving.ts'
import { read } from '../lib/api.ts'
import { copyText } from '../lib/copy.ts'
import { rooms } from '../lib/rooms.ts'
import { chooseTheme } from '../lib/theme.ts'

export interface PaletteEntry {
  id: string
  word: string
  /** What kind of thing it is: page, model, run, command. */
  kind: string
  run: () => void
}

interface Place {
  id: string
  word: string
  kind: string
  to: string
}

/** What the server knows by name; what has not come yet, or is refused, is left out. */
function useThings(): readonly Place[] {
  return useQueries({
    queries: [
      read(listEndpoints, {}),
      read(listMonitors, {}),
      read(listModels, { limit: 1000 }),
      read(listIncidents, {}),
    ],
    combine: ([endpoints, monitors, models, incidents]) => [
      ...(incidents.data?.items ?? [])
        .filter((incident) => incident.state !== 'closed')
        .map((incident) => ({
          id: incident.id,
          word: `Incident ${incident.number}: ${incident.title}`,
          kind: 'incident',
          to: `/incidents/${incident.id}`,
        })),
      ...(endpoints.data?.items ?? []).map(({ name }) => ({
        id: `endpoint-${name}`,
        word: name,
        kind: 'endpoint',
        to: `/endpoints/${encodeURIComponent(name)}`,
      })),
      ...(monitors.data?.items ?? []).map(({ endpoint }) => ({
        id: `monitor-${endpoint}`,
        word: endpoint,
        kind: 'monitor',
        to: `/monitoring/${encodeURIComponent(endpoint)}`,
      })),
      ...(models.data?.items ?? []).map(({ name }) => ({
        id: `model-${name}`,
        word: name,
        kind: 'model',
        to: `/models/${encodeURIComponent(name)}`,
      })),
    ],
  })
}

const pages: readonly Place[] = [
  ...Object.entries(rooms).map(([id, { word, path }]) => ({ id, word, kind: 'page', to: path })),
  { id: 'incidents', word: 'Incidents', kind: 'page', to: '/incidents' },
  { id: 'settings', word: 'Settings', kind: 'page', to: '/settings' },
]

const commands: readonly PaletteEntry[] = [
  { id: 'light', word: 'Theme: light', kind: 'command', run: () => chooseTheme('light') },
  { id: 'dark', word: 'Theme: dark', kind: 'command', run: () => chooseTheme('dark') },
  { id: 'system', word: 'Theme: as the system', kind: 'command', run: () => chooseTheme('system') },
  {
    id: 'link',
    word: 'Copy link to this page',
    kind: 'command',
    run: () => void copyText(location.href),
  },
]

/** Everything one can jump to. */
export function useEntries(): PaletteEntry[] {
  const navigate = useNavigate()
  const places = [...pages, ...useThings()]
  return [...places.map((place) => ({ ...place, run: () => void navigate({ to: place.to }) })), ...commands]
}
