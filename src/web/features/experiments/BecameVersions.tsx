import { Link } from '@tanstack/react-router'
import type { Run } from '../../../contract/experiments.ts'
import { useRunModels, versionsOf } from './became.ts'

/** `It became bike-demand v2.` */
export function BecameVersions({ run }: { run: Run }) {
  const models = useRunModels(run.id)
  if (!models) return null
  const versions = models.flatMap(versionsOf)
  if (versions.length === 0) return models.length > 0 ? 'Its model is not registered.' : 'It logged no model.'
  return (
    <>
      It became{' '}
      {versions.map(({ name, version }, index) => (
        <span key={`${name} ${version}`}>
          {index > 0 ? ', ' : ''}
          <Link to="/models/$name" params={{ name }} search={{ version }}>
            {name} v{version}
          </Link>
        </span>
      ))}
      .
    </>
  )
}
