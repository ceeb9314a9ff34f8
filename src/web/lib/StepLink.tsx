import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { getAttempt } from '../../contract/pipelines.ts'
import { read } from './api.ts'
import { plain } from './format.ts'

/** The step of the pipeline run that an attempt was: what made a run or a version. */
export function StepLink({ attempt }: { attempt: string }) {
  const { data } = useQuery(read(getAttempt, { attempt }))
  if (!data) return <code title={attempt}>{plain(attempt)}</code>
  const { pipeline, node, run, number } = data
  return (
    <Link
      to="/pipelines/runs/$run"
      params={{ run }}
      search={{ step: node }}
      title={`attempt ${number} of the step, in ${plain(run)}`}
    >
      {pipeline} / {node}
    </Link>
  )
}
