import { Link } from '@tanstack/react-router'
import type { ModelVersion } from '../../../contract/registry.ts'
import type { ServedEndpoint } from '../../../contract/serving.ts'
import { number } from '../../lib/format.ts'
import { StateWord } from '../../ui/StateBadge.tsx'
import { Mono, Num, Time } from '../../ui/Time.tsx'
import type { Column } from '../../ui/table-model.ts'
import { deploymentsOf, deploymentWord, gateOf, onnxOf, versionStates } from './version-words.ts'

interface VersionColumnsInput {
  versions: readonly ModelVersion[]
  endpoints: readonly ServedEndpoint[] | undefined
  champion: ModelVersion | undefined
}

const usualMetrics = 2

export const versionMetric = (version: ModelVersion, key: string): number | null =>
  version.run_metrics.find((point) => point.key === key)?.value ?? null

function metricKeys(versions: readonly ModelVersion[]): string[] {
  const counts = new Map<string, number>()
  for (const { run_metrics } of versions) for (const { key } of run_metrics) counts.set(key, (counts.get(key) ?? 0) + 1)
  const heldOut = (key: string): number => (/val|test|eval/i.test(key) ? 1 : 0)
  return [...counts.keys()].toSorted((a, b) => heldOut(b) - heldOut(a) || (counts.get(b) ?? 0) - (counts.get(a) ?? 0))
}

export function versionColumns({ versions, endpoints }: VersionColumnsInput): Column<ModelVersion>[] {
  const served = ({ model, version }: ModelVersion): string =>
    endpoints ? deploymentsOf(endpoints, model, version).map(deploymentWord).join('; ') || 'nowhere' : 'not known'
  return [
    {
      id: 'version',
      head: 'Version',
      width: 64,
      cell: ({ version }) => <Mono>{`v${version}`}</Mono>,
      value: ({ version }) => version,
    },
    {
      id: 'aliases',
      head: 'Aliases',
      width: 130,
      cell: ({ aliases }) => <b>{aliases.join(', ') || ''}</b>,
      value: ({ aliases }) => aliases.join(', '),
    },
    {
      id: 'status',
      head: 'Status',
      width: 90,
      drop: 5,
      cell: ({ status, status_message }) => (
        <span title={status_message}>
          <StateWord {...versionStates[status]} />
        </span>
      ),
      value: ({ status }) => status,
    },
    {
      id: 'gate',
      head: 'Gate',
      width: 140,
      cell: (version) => <StateWord {...gateOf(version)} />,
      value: (version) => gateOf(version).word,
    },
    ...metricKeys(versions).map((key, index): Column<ModelVersion> => ({
      id: key,
      head: key,
      right: true,
      width: Math.max(72, Math.min(130, key.length * 7 + 20)),
      drop: 10 - index,
      extra: index >= usualMetrics,
      cell: (version) => <Num text={number(versionMetric(version, key))} full={versionMetric(version, key)} />,
      value: (version) => versionMetric(version, key),
    })),
    {
      id: 'onnx',
      head: 'ONNX against original',
      width: 150,
      drop: 6,
      cell: ({ onnx }) => (
        <span title={onnx.reason ?? undefined}>
          <StateWord {...onnxOf(onnx)} />
        </span>
      ),
      value: ({ onnx }) => onnx.difference?.max_rel,
    },
    {
      id: 'run',
      head: 'Run',
      width: 70,
      drop: 4,
      cell: ({ run }) =>
        run ? (
          <Link to="/runs/$id" params={{ id: run }}>
            <Mono>{run.slice(0, 6)}</Mono>
          </Link>
        ) : (
          '—'
        ),
      value: ({ run }) => run,
    },
    { id: 'served', head: 'Serves', width: 150, cell: served, value: served },
    {
      id: 'created',
      head: 'Registered',
      width: 96,
      right: true,
      drop: 3,
      cell: ({ created_at }) => <Time at={created_at} />,
      value: ({ created_at }) => created_at,
    },
  ]
}
