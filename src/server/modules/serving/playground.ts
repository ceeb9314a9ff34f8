import { MainstayError } from '../../../contract/errors.ts'
import type { Output, Parsed } from '../../../contract/endpoint.ts'
import type { playground } from '../../../contract/serving.ts'
import type { Cell, Signature } from '../../../contract/signature.ts'
import type { Ctx } from '../../platform/ctx.ts'
import { getEndpointRow } from './endpoints.ts'
import * as q from './queries/endpoints.ts'
import { findServable } from './servable.ts'

interface OipAnswer {
  id?: string
  parameters?: { variant?: string }
  outputs?: { name: string; data: unknown[] }[]
  error?: string
}

/** One prediction by hand, through the same port and with the same token as everybody's, marked so that no monitor counts it. */
export async function tryOut(
  ctx: Ctx,
  { name, row }: Parsed<typeof playground>,
  predictUrl: string,
  authorization: string | undefined,
): Promise<Output<typeof playground>> {
  await getEndpointRow(ctx.db, name)
  const live = (await q.listVariants(ctx.db, name)).find((variant) => variant.role === 'live')
  const servable = live && (await findServable(ctx, live.model, live.version))
  if (!servable) throw new MainstayError('serving.model_not_found', `${name} serves no version yet`)
  const started = ctx.clock.monotonic()
  const response = await fetch(`${predictUrl}/v2/models/${encodeURIComponent(name)}/infer`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'mainstay-playground': '1',
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: JSON.stringify({ inputs: toTensors(servable.signature, row) }),
    signal: AbortSignal.timeout(30_000),
  })
  const answer = (await response.json()) as OipAnswer
  if (!response.ok)
    throw new MainstayError(
      response.status < 500 ? 'serving.invalid_input' : 'serving.model_failed',
      answer.error ?? 'the data plane refused the row',
    )
  return {
    outputs: Object.fromEntries(
      (answer.outputs ?? []).map((output) => [output.name, output.data.length === 1 ? output.data[0] : output.data]),
    ),
    variant: answer.parameters?.variant ?? '',
    id: answer.id ?? '',
    took_ms: ctx.clock.monotonic() - started,
  }
}

/** One tensor per column, each of the type that the graph takes. */
function toTensors(signature: Signature, row: Record<string, Cell>): object[] {
  return signature.inputs.map(({ name }) => ({
    name,
    datatype: signature.onnx.inputs.find((tensor) => tensor.columns.includes(name))?.dtype ?? 'FP64',
    shape: [1],
    data: [row[name] ?? null],
  }))
}
