import type { Ctx } from '../../platform/ctx.ts'
import type { Gauge } from '../../platform/gauge.ts'
import { captureTotals, listEndpoints } from './queries/endpoints.ts'
import { countSealed } from './spool.ts'

export const servingGauges = (home: string): Gauge[] => [
  {
    name: 'prediction_log_rows',
    help: 'Rows in the prediction log.',
    labels: ['endpoint'],
    read: rowsPerEndpoint,
  },
  {
    name: 'spool_segments',
    help: 'Sealed segments of the data plane that are not in the prediction log yet.',
    labels: [],
    read: async () => [{ labels: {}, value: await countSealed(home) }],
  },
]

async function rowsPerEndpoint(ctx: Ctx): Promise<{ labels: { endpoint: string }; value: number }[]> {
  const values = []
  for (const { name } of await listEndpoints(ctx.db))
    values.push({ labels: { endpoint: name }, value: (await captureTotals(ctx.db, name)).rows })
  return values
}
