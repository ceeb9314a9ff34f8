import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { getPipeline, type PipelineNode, type PipelineRun } from '../../../contract/pipelines.ts'
import { read } from '../../lib/api.ts'
import { count, number, size } from '../../lib/format.ts'
import { JsonTree } from '../../ui/JsonTree.tsx'
import { KeyValue, type Fact } from '../../ui/KeyValue.tsx'
import { Section } from '../../ui/Page.tsx'
import { Mono } from '../../ui/Time.tsx'
import { OutputFiles } from './OutputFiles.tsx'

interface Stored {
  kind?: string
  path?: string
  digest?: string | null
  size?: number
  /** How many files a folder holds. */
  tree?: number
  run?: string | null
  id?: string
  values?: Record<string, number>
}

const isStored = (value: unknown): value is Stored => typeof value === 'object' && value !== null && 'kind' in value

const RunLink = ({ id }: { id: string }) => (
  <Link to="/runs/$id" params={{ id }}>
    <Mono>{`run ${id.slice(0, 6)}`}</Mono>
  </Link>
)

/** `Registered bike-demand version 2` left a model's name and a number. */
function VersionFact({ model, version }: { model: string; version: number }) {
  return (
    <Link to="/models/$name" params={{ name: model }} search={{ version: String(version) }}>
      {model} v{version}
    </Link>
  )
}

function versionFact(outputs: Readonly<Record<string, unknown>>): Fact[] {
  const { model, version } = outputs
  if (typeof model !== 'string' || typeof version !== 'number') return []
  return [{ key: 'version', value: <VersionFact model={model} version={version} />, note: 'model version' }]
}

function outputFact(run: string, node: string, name: string, value: Stored): Fact {
  if (value.kind === 'model') {
    return {
      key: name,
      value: value.run ? <RunLink id={value.run} /> : <Mono>{value.id ?? ''}</Mono>,
      note: 'logged model',
    }
  }
  if (value.kind === 'metrics') {
    const words = Object.entries(value.values ?? {}).map(([key, metric]) => `${key} ${number(metric)}`)
    return {
      key: name,
      value: words.join(', ') || 'no metrics',
      note: value.run ? <RunLink id={value.run} /> : 'metrics',
    }
  }
  return {
    key: name,
    value: (
      <OutputFiles run={run} node={node} output={name} path={value.path ?? ''} folder={value.tree !== undefined} />
    ),
    note: `${value.tree === undefined ? '' : `${count(value.tree)} files, `}${size(value.size)}`,
  }
}

/** What the link to the version says already. */
const named = new Set(['model', 'version', 'id'])

/** What the step declared to read, and what it left. */
export function StepOutputs({ run, node }: { run: PipelineRun; node: PipelineNode }) {
  const { data: pipeline } = useQuery(read(getPipeline, { name: run.pipeline }))
  const steps = (pipeline?.definition['steps'] ?? {}) as Record<
    string,
    { in?: Record<string, Record<string, unknown>> }
  >
  const inputs = Object.entries(steps[node.name]?.in ?? {})
  const outputs = Object.entries(node.outputs)
  const version = versionFact(node.outputs)
  const other = outputs.filter(([key, value]) => !isStored(value) && (version.length === 0 || !named.has(key)))
  const stale = pipeline !== undefined && pipeline.version !== run.version
  return (
    <>
      <Section
        name="What it read"
        about={stale ? 'as the pipeline declares today; this run is of an earlier version' : undefined}
      >
        <KeyValue
          facts={[
            ...node.needs.map((need) => ({ key: need, value: 'had to end first', note: 'step' })),
            ...inputs.map(([name, input]) => {
              const [kind = '', what] = Object.entries(input)[0] ?? []
              return {
                key: name,
                value: <Mono>{typeof what === 'string' ? what : JSON.stringify(what)}</Mono>,
                note: kind,
              }
            }),
            ...(node.needs.length + inputs.length === 0 ? [{ key: 'Inputs', value: 'none declared' }] : []),
          ]}
        />
      </Section>
      <Section name="What it made">
        {outputs.length === 0 ? <p>Nothing yet, or nothing was declared.</p> : null}
        <KeyValue
          facts={[
            ...version,
            ...outputs.flatMap(([name, value]) =>
              isStored(value) ? [outputFact(run.id, node.name, name, value)] : [],
            ),
          ]}
        />
        {other.length > 0 ? <JsonTree value={Object.fromEntries(other)} /> : null}
      </Section>
    </>
  )
}
