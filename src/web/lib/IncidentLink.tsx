import { Link } from '@tanstack/react-router'

/** The incident that something answers, in a sentence. */
export function IncidentLink({ id, number }: { id: string; number?: number | undefined }) {
  return (
    <Link to="/incidents/$id" params={{ id }}>
      incident{number === undefined ? '' : ` ${number}`}
    </Link>
  )
}
