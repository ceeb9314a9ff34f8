import type { RoomId } from '../lib/empty-rooms.ts'
import type { IconName } from '../ui/Icon.tsx'

export interface Room {
  id: RoomId
  word: string
  path: string
  icon: IconName
  /** One line under the title: what the room is for. */
  about: string
}

/** The rooms in the order of the rail. */
export const rooms: readonly Room[] = [
  { id: 'overview', word: 'Overview', path: '/', icon: 'overview', about: 'Is anything wrong, and where.' },
  {
    id: 'experiments',
    word: 'Experiments',
    path: '/experiments',
    icon: 'experiments',
    about: 'Runs with their parameters, metrics and artifacts.',
  },
  {
    id: 'datasets',
    word: 'Datasets',
    path: '/datasets',
    icon: 'datasets',
    about: 'Data with versions: what models were trained and judged on.',
  },
  {
    id: 'features',
    word: 'Features',
    path: '/features',
    icon: 'features',
    about: 'What models read: computed once, the same offline and online.',
  },
  {
    id: 'models',
    word: 'Models',
    path: '/models',
    icon: 'models',
    about: 'Registered models, their versions, and which one is live.',
  },
  {
    id: 'pipelines',
    word: 'Pipelines',
    path: '/pipelines',
    icon: 'pipelines',
    about: 'Steps from data to a model in production, run by schedule, by hand or by a rule.',
  },
  {
    id: 'endpoints',
    word: 'Endpoints',
    path: '/endpoints',
    icon: 'endpoints',
    about: 'Where predictions come from, and which version answers.',
  },
  {
    id: 'monitoring',
    word: 'Monitoring',
    path: '/monitoring',
    icon: 'monitoring',
    about: 'What changed, since when, and whether it matters.',
  },
  { id: 'llm', word: 'LLM', path: '/llm', icon: 'llm', about: 'Prompts, traces and evaluations.' },
  {
    id: 'automation',
    word: 'Automation',
    path: '/automation',
    icon: 'automation',
    about: 'What Mainstay does by itself, by which rule, and what it did.',
  },
  {
    id: 'governance',
    word: 'Governance',
    path: '/governance',
    icon: 'governance',
    about: 'Who did what, and who may.',
  },
  { id: 'cost', word: 'Cost', path: '/cost', icon: 'cost', about: 'What training and predictions cost.' },
]
