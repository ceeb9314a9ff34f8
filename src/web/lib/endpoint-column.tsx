import { Link } from '@tanstack/react-router'
import type { Column } from '../ui/table-model.ts'

/** The endpoint that a row is about, linked to how it is doing. */
export const endpointColumn: Column<{ endpoint: string }> = {
  id: 'endpoint',
  head: 'Endpoint',
  width: 104,
  value: ({ endpoint }) => endpoint,
  cell: ({ endpoint }) => (
    <Link to="/monitoring/$endpoint" params={{ endpoint }}>
      {endpoint}
    </Link>
  ),
}
