export type RoomId =
  | 'overview'
  | 'experiments'
  | 'datasets'
  | 'features'
  | 'models'
  | 'pipelines'
  | 'endpoints'
  | 'monitoring'
  | 'llm'
  | 'automation'
  | 'governance'
  | 'cost'

interface EmptyRoom {
  title: string
  text: string
  /** The command that fills it. */
  command: string
}

/** What a room says before anything is in it: what would be here, and how it gets here. */
export const emptyRooms: Readonly<Record<RoomId, EmptyRoom>> = {
  overview: {
    title: 'No models yet',
    text: 'Here stands one row for each model, worst first: its state, its endpoint, its traffic, its performance against the limit. Apply a project, run its pipeline, and the first row is here.',
    command: 'mainstay apply -f examples/bikes/mainstay.yaml\nmainstay run bike-demand',
  },
  experiments: {
    title: 'No runs yet',
    text: 'A run keeps the parameters, metrics and artifacts of one training. Code that logs to MLflow needs one setting and no change.',
    command: 'export MLFLOW_TRACKING_URI=http://127.0.0.1:7070\npython train.py',
  },
  datasets: {
    title: 'No datasets yet',
    text: 'A dataset version names exact bytes, their columns and their profile; runs and model versions say which one they used.',
    command: 'mainstay datasets add rentals data/rentals.csv',
  },
  features: {
    title: 'No feature views yet',
    text: 'A feature view says where a value comes from, how it is computed and for which entity. Declare one, and training sets and live predictions read the same numbers.',
    command: 'mainstay apply -f examples/bikes/features.yaml',
  },
  models: {
    title: 'No models yet',
    text: 'A registered model has versions; aliases such as champion say which one is live. A gate decides whether the next one may go.',
    command: 'mainstay models register bike-demand PATH_TO_MODEL',
  },
  pipelines: {
    title: 'No pipelines yet',
    text: 'A pipeline is declared in mainstay.yaml beside the code: steps, what they read and what they make. Unchanged steps come from the cache.',
    command: 'mainstay apply -f examples/bikes/mainstay.yaml\nmainstay run bike-demand',
  },
  endpoints: {
    title: 'No endpoints yet',
    text: 'An endpoint answers predictions with one version or divides the traffic between several. A new version is rolled out in steps and rolls back by itself.',
    command: 'mainstay deploy bike-demand@champion --endpoint bike-demand',
  },
  monitoring: {
    title: 'Nothing is watched yet',
    text: 'Every endpoint is watched from its first prediction: traffic, errors, data quality and drift. Performance is judged when labels come.',
    command: 'mainstay predict bike-demand NAME=VALUE …\nmainstay labels bike-demand labels.csv',
  },
  llm: {
    title: 'No traces yet',
    text: 'A trace shows each call of a language model with its prompt, answer, time and cost. Send OTLP spans or log through MLflow.',
    command: 'export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:7070',
  },
  automation: {
    title: 'No rules yet',
    text: 'A rule says on which signal Mainstay acts by itself, and what it may do: notify, retrain or roll back. It can be replayed over history before it is switched on.',
    command: 'mainstay apply -f mainstay.yaml',
  },
  governance: {
    title: 'No records yet',
    text: 'Every change is written to a record that cannot be altered unnoticed: who, what, when and why.',
    command: 'mainstay audit verify',
  },
  cost: {
    title: 'No usage yet',
    text: 'Time, memory and storage of training and predictions, by model and team, with prices that you set.',
    command: 'mainstay cost prices prices.yaml',
  },
}
