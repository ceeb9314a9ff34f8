import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { getRun } from '../../../contract/experiments.ts'
import type { ModelVersion } from '../../../contract/registry.ts'
import { read } from '../../lib/api.ts'
import { count } from '../../lib/format.ts'
import { StepLink } from '../../lib/StepLink.tsx'
import { Lineage, type LineageStop } from '../../ui/Lineage.tsx'
import { Mono, Time } from '../../ui/Time.tsx'
import { deploymentWord, type Deployment } from './version-words.ts'

interface VersionLineageProps {
  version: ModelVersion
  deployed: readonly Deployment[] | undefined
}

/** dataset → step → run → version → endpoint. */
export function VersionLineage({ version, deployed }: VersionLineageProps) {
  const rest = [stepStop(version.attempt), runStop(version), versionStop(version), endpointStop(deployed)]
  return version.run ? (
    <WithData run={version.run} rest={rest} attempt={version.attempt} />
  ) : (
    <Lineage stops={[{ kind: 'Dataset', what: 'not recorded', missing: true }, ...rest]} />
  )
}

function WithData({ run: id, rest, attempt }: { run: string; rest: readonly LineageStop[]; attempt: string | null }) {
  const { data: run } = useSuspenseQuery(read(getRun, { id }))
  const [dataset] = run.datasets
  const data: LineageStop = dataset
    ? {
        kind: 'Dataset',
        what: <Mono>{`${dataset.name}@${dataset.digest.slice(0, 8)}`}</Mono>,
        note: run.datasets.length > 1 ? `and ${count(run.datasets.length - 1)} more` : dataset.context,
      }
    : { kind: 'Dataset', what: 'none logged', missing: true }
  const [, runs, ...others] = rest
  const named: LineageStop = { ...runs, kind: 'Run', what: <RunLink id={id} name={run.name} />, note: run.user }
  return <Lineage stops={[data, stepStop(attempt ?? run.attempt), named, ...others]} />
}

const RunLink = ({ id, name }: { id: string; name: string }) => (
  <Link to="/runs/$id" params={{ id }}>
    {name || id.slice(0, 6)}
  </Link>
)

const stepStop = (attempt: string | null): LineageStop =>
  attempt
    ? { kind: 'Pipeline step', what: <StepLink attempt={attempt} /> }
    : { kind: 'Pipeline step', what: 'none, by hand', missing: true }

const runStop = ({ run }: ModelVersion): LineageStop =>
  run
    ? { kind: 'Run', what: <RunLink id={run} name="" /> }
    : { kind: 'Run', what: 'uploaded without a run', missing: true }

const versionStop = (version: ModelVersion): LineageStop => ({
  kind: 'Version',
  what: <Mono>{`v${version.version}`}</Mono>,
  note: (
    <>
      registered <Time at={version.created_at} />
    </>
  ),
})

function endpointStop(deployed: readonly Deployment[] | undefined): LineageStop {
  const [first] = deployed ?? []
  if (!first) return { kind: 'Endpoint', what: deployed ? 'not deployed' : 'not known', missing: true }
  return {
    kind: 'Endpoint',
    what: (
      <Link to="/endpoints/$name" params={{ name: first.endpoint }}>
        {first.endpoint}
      </Link>
    ),
    note: `${first.variant.role} · ${deployed?.map(deploymentWord).join('; ') ?? ''}`,
  }
}
