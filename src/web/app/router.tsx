import { createRouter, parseSearchWith, stringifySearchWith } from '@tanstack/react-router'
import { ExperimentName, ExperimentOfRun, IncidentName, PipelineOfRun, RunName } from './crumb-names.tsx'
import { followPrintedLink } from './printed-link.ts'
import { page, rootRoute } from './route.ts'
import type { RoomId } from '../lib/rooms.ts'

/** Until a room has a page of its own. */
const emptyRoom = (id: RoomId) => async () => {
  const { EmptyRoom } = await import('../ui/EmptyRoom.tsx')
  return () => <EmptyRoom id={id} />
}

const only = (word: string) => () => [{ word }]

const routes = [
  page({
    path: '/',
    room: 'overview',
    crumbs: only('Overview'),
    load: async () => (await import('../features/overview/OverviewPage.tsx')).OverviewPage,
  }),
  page({
    path: '/experiments',
    room: 'experiments',
    crumbs: only('Experiments'),
    load: async () => (await import('../features/experiments/ExperimentsPage.tsx')).ExperimentsPage,
  }),
  page({
    path: '/experiments/$id',
    room: 'experiments',
    crumbs: ({ id }) => [
      { word: 'Experiments', to: '/experiments' },
      { word: id, shown: <ExperimentName id={id} /> },
    ],
    load: async () => (await import('../features/experiments/RunsPage.tsx')).RunsPage,
  }),
  page({
    path: '/runs/$id',
    room: 'experiments',
    crumbs: ({ id }) => [
      { word: 'Experiments', to: '/experiments' },
      { word: 'experiment', shown: <ExperimentOfRun run={id} /> },
      { word: id, shown: <RunName id={id} /> },
    ],
    load: async () => (await import('../features/experiments/RunPage.tsx')).RunPage,
  }),
  page({
    path: '/compare',
    room: 'experiments',
    crumbs: () => [{ word: 'Experiments', to: '/experiments' }, { word: 'Compare' }],
    load: async () => (await import('../features/experiments/ComparePage.tsx')).ComparePage,
  }),
  page({ path: '/datasets', room: 'datasets', crumbs: only('Datasets'), load: emptyRoom('datasets') }),
  page({ path: '/features', room: 'features', crumbs: only('Features'), load: emptyRoom('features') }),
  page({
    path: '/models',
    room: 'models',
    crumbs: only('Models'),
    load: async () => (await import('../features/models/ModelsPage.tsx')).ModelsPage,
  }),
  page({
    path: '/models/$name',
    room: 'models',
    crumbs: ({ name }) => [{ word: 'Models', to: '/models' }, { word: name }],
    load: async () => (await import('../features/models/ModelPage.tsx')).ModelPage,
  }),
  page({
    path: '/pipelines',
    room: 'pipelines',
    crumbs: only('Pipelines'),
    load: async () => (await import('../features/pipelines/PipelinesPage.tsx')).PipelinesPage,
  }),
  page({
    path: '/pipelines/$name',
    room: 'pipelines',
    crumbs: ({ name }) => [{ word: 'Pipelines', to: '/pipelines' }, { word: name }],
    load: async () => (await import('../features/pipelines/PipelinePage.tsx')).PipelinePage,
  }),
  page({
    path: '/pipelines/runs/$run',
    room: 'pipelines',
    crumbs: ({ run }) => [
      { word: 'Pipelines', to: '/pipelines' },
      { word: 'pipeline', shown: <PipelineOfRun run={run} /> },
      { word: `run ${run.slice(-6)}` },
    ],
    load: async () => (await import('../features/pipelines/PipelineRunPage.tsx')).PipelineRunPage,
  }),
  page({
    path: '/endpoints',
    room: 'endpoints',
    crumbs: only('Endpoints'),
    load: async () => (await import('../features/endpoints/EndpointsPage.tsx')).EndpointsPage,
  }),
  page({
    path: '/endpoints/$name',
    room: 'endpoints',
    crumbs: ({ name }) => [{ word: 'Endpoints', to: '/endpoints' }, { word: name }],
    load: async () => (await import('../features/endpoints/EndpointPage.tsx')).EndpointPage,
  }),
  page({
    path: '/monitoring',
    room: 'monitoring',
    crumbs: only('Monitoring'),
    load: async () => (await import('../features/monitoring/MonitorsPage.tsx')).MonitorsPage,
  }),
  page({
    path: '/monitoring/$endpoint',
    room: 'monitoring',
    crumbs: ({ endpoint }) => [{ word: 'Monitoring', to: '/monitoring' }, { word: endpoint }],
    load: async () => (await import('../features/monitoring/MonitorPage.tsx')).MonitorPage,
  }),
  page({
    path: '/incidents',
    room: 'monitoring',
    crumbs: () => [{ word: 'Monitoring', to: '/monitoring' }, { word: 'Incidents' }],
    load: async () => (await import('../features/incidents/IncidentsPage.tsx')).IncidentsPage,
  }),
  page({
    path: '/incidents/$id',
    room: 'monitoring',
    crumbs: ({ id }) => [
      { word: 'Monitoring', to: '/monitoring' },
      { word: 'Incidents', to: '/incidents' },
      { word: id, shown: <IncidentName id={id} /> },
    ],
    load: async () => (await import('../features/incidents/IncidentPage.tsx')).IncidentPage,
  }),
  page({ path: '/llm', room: 'llm', crumbs: only('LLM'), load: emptyRoom('llm') }),
  page({
    path: '/automation',
    room: 'automation',
    crumbs: only('Automation'),
    load: async () => (await import('../features/automation/AutomationPage.tsx')).AutomationPage,
  }),
  page({
    path: '/governance',
    room: 'governance',
    crumbs: only('Governance'),
    load: async () => (await import('../features/audit/AuditPage.tsx')).AuditPage,
  }),
  page({ path: '/cost', room: 'cost', crumbs: only('Cost'), load: emptyRoom('cost') }),
  page({
    path: '/settings',
    crumbs: only('Settings'),
    load: async () => (await import('../features/settings/SettingsPage.tsx')).SettingsPage,
  }),
]

followPrintedLink()

export const router = createRouter({
  routeTree: rootRoute.addChildren(routes),
  defaultPreload: 'intent',
  defaultPendingMs: 150,
  scrollRestoration: true,
  scrollToTopSelectors: ['#page'],
  // Values in the URL are plain words: `?sort=-mae`, never JSON.
  parseSearch: parseSearchWith((value) => value),
  stringifySearch: stringifySearchWith(String),
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
