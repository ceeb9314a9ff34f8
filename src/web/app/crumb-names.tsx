import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { getExperiment, getRun } from '../../contract/experiments.ts'
import { getIncident } from '../../contract/monitoring.ts'
import { getRun as getPipelineRun } from '../../contract/pipelines.ts'
import { read } from '../lib/api.ts'

export function ExperimentName({ id }: { id: string }) {
  return useQuery(read(getExperiment, { id })).data?.name ?? `experiment ${id}`
}

export function RunName({ id }: { id: string }) {
  return useQuery(read(getRun, { id })).data?.name || `run ${id.slice(0, 6)}`
}

export function IncidentName({ id }: { id: string }) {
  const { data } = useQuery(read(getIncident, { id }))
  return data ? `incident ${data.number}` : 'incident'
}

export function ExperimentOfRun({ run }: { run: string }) {
  const { data } = useQuery(read(getRun, { id: run }))
  if (!data) return '…'
  return (
    <Link to="/experiments/$id" params={{ id: data.experiment }}>
      <ExperimentName id={data.experiment} />
    </Link>
  )
}

export function PipelineOfRun({ run }: { run: string }) {
  const { data } = useQuery(read(getPipelineRun, { run }))
  if (!data) return '…'
  return (
    <Link to="/pipelines/$name" params={{ name: data.pipeline }}>
      {data.pipeline}
    </Link>
  )
}
