import type { IconName } from '../ui/Icon.tsx'

export interface Room {
  word: string
  path: string
  icon: IconName
  /** One line under the title: what the room is for. */
  about: string
  /** What it says before anything is in it: what would be here, and how it gets here. */
  empty: {
    title: string
    text: string
    /** The command that fills it; absent for a room that is not built yet. */
    command?: string
  }
}

/** The rooms in the order of the rail. */
export const rooms = {
  overview: {
    word: 'Overview',
    path: '/',
    icon: 'overview',
    about: 'Is anything wrong, and where.',
    empty: {
      title: 'No models yet',
      text: 'Here stands one row for each model, worst first: its state, its endpoint, its traffic, its performance against the limit. Apply a project, run its pipeline, and the first row is here.',
      command: 'mainstay apply -f examples/bikes/mainstay.yaml\nmainstay run bike-demand',
    },
  },
  experiments: {
    word: 'Experiments',
    path: '/experiments',
    icon: 'experiments',
    about: 'Runs with their parameters, metrics and artifacts.',
    empty: {
      title: 'No runs yet',
      text: 'A run keeps the parameters, metrics and artifacts of one training. Code that logs to MLflow needs one setting and no change.',
      command: `export MLFLOW_TRACKING_URI=${location.origin}\npython train.py`,
    },
  },
  datasets: {
    word: 'Datasets',
    path: '/datasets',
    icon: 'datasets',
    about: 'Data with versions: what models were trained and judged on.',
    empty: {
      title: 'Datasets are not built yet',
      text: 'A dataset version will name exact bytes, their columns and their profile. Until then a run keeps what its code logs with mlflow.log_input, and a pipeline run keeps the digest of everything its steps read.',
    },
  },
  features: {
    word: 'Features',
    path: '/features',
    icon: 'features',
    about: 'What models read: computed once, the same offline and online.',
    empty: {
      title: 'Feature views are not built yet',
      text: 'A feature view will say where a value comes from, how it is computed and for which entity, the same for training and for live predictions.',
    },
  },
  models: {
    word: 'Models',
    path: '/models',
    icon: 'models',
    about: 'Registered models, their versions, and which one is live.',
    empty: {
      title: 'No models yet',
      text: 'A registered model has versions; aliases such as champion say which one is live. A gate decides whether the next one may go.',
      command: 'mainstay models register bike-demand PATH_TO_MODEL',
    },
  },
  pipelines: {
    word: 'Pipelines',
    path: '/pipelines',
    icon: 'pipelines',
    about: 'Steps from data to a model in production, run by schedule, by hand or by a rule.',
    empty: {
      title: 'No pipelines yet',
      text: 'A pipeline is declared in mainstay.yaml beside the code: steps, what they read and what they make. Unchanged steps come from the cache.',
      command: 'mainstay apply -f examples/bikes/mainstay.yaml\nmainstay run bike-demand',
    },
  },
  endpoints: {
    word: 'Endpoints',
    path: '/endpoints',
    icon: 'endpoints',
    about: 'Where predictions come from, and which version answers.',
    empty: {
      title: 'No endpoints yet',
      text: 'An endpoint answers predictions with one version or divides the traffic between several. A new version is rolled out in steps and rolls back by itself.',
      command: 'mainstay deploy bike-demand@champion --endpoint bike-demand',
    },
  },
  monitoring: {
    word: 'Monitoring',
    path: '/monitoring',
    icon: 'monitoring',
    about: 'What changed, since when, and whether it matters.',
    empty: {
      title: 'Nothing is watched yet',
      text: 'Every endpoint is watched from its first prediction: traffic, errors, data quality and drift. Performance is judged when labels come.',
      command: 'mainstay predict bike-demand NAME=VALUE …\nmainstay labels bike-demand labels.csv',
    },
  },
  llm: {
    word: 'LLM',
    path: '/llm',
    icon: 'llm',
    about: 'Prompts, traces and evaluations.',
    empty: {
      title: 'Traces are not built yet',
      text: 'A trace will show each call of a language model with its prompt, answer, time and cost.',
    },
  },
  automation: {
    word: 'Automation',
    path: '/automation',
    icon: 'automation',
    about: 'What Mainstay does by itself, by which rule, and what it did.',
    empty: {
      title: 'No rules yet',
      text: 'A rule says on which signal Mainstay acts by itself, and what it may do: notify, retrain or roll back. In the mode observe it only writes down what it would have done.',
      command: 'mainstay apply -f mainstay.yaml',
    },
  },
  governance: {
    word: 'Governance',
    path: '/governance',
    icon: 'governance',
    about: 'Who did what, in a record that cannot be altered unnoticed.',
    empty: {
      title: 'Nothing was done yet',
      text: 'Every change is written here by the deed itself: who, what, when and why. Each record carries the digest of the one before, so that none can be changed or taken out unnoticed.',
      command: 'mainstay apply -f examples/bikes/mainstay.yaml\nmainstay audit verify',
    },
  },
  cost: {
    word: 'Cost',
    path: '/cost',
    icon: 'cost',
    about: 'What training and predictions cost.',
    empty: {
      title: 'Cost is not built yet',
      text: 'Here will stand the time, memory and storage of training and predictions, by model and team, with prices that you set.',
    },
  },
} satisfies Record<string, Room>

export type RoomId = keyof typeof rooms
