import { parentPort, workerData } from 'node:worker_threads'
import { compileLayout, type RowBlock } from '../../compat/oip/layout.ts'
import { emptyBlock } from '../../compat/oip/cells.ts'
import type { Signature } from '../../../contract/signature.ts'
import type { Graph, Stretch } from './graph.ts'
import { loadMeasured, type Measured } from './measure.ts'

export interface WorkerInput {
  bytes: Uint8Array
  signature: Signature
}

export interface WorkRequest {
  id: number
  block: RowBlock
}

export type WorkerMessage =
  | { type: 'loaded'; measured: Measured }
  | { type: 'refused'; error: string }
  | { type: 'scored'; id: number; out: RowBlock; errors: (string | null)[] | null; failedRows: number[] }

const port = parentPort
const post = (message: WorkerMessage): void => port?.postMessage(message)

function scoreAndAnswer(graph: Graph, request: WorkRequest): void {
  const { block } = request
  const stretch: Stretch = {
    block,
    from: 0,
    to: block.n,
    out: emptyBlock(graph.layout.outputs, block.n),
    errors: null,
    failed: 0,
  }
  graph.score([stretch])
  const failedRows: number[] = []
  stretch.errors?.forEach((text, row) => {
    if (text !== null && !text.startsWith('non-finite output')) failedRows.push(row)
  })
  post({ type: 'scored', id: request.id, out: stretch.out, errors: stretch.errors, failedRows })
}

function main(): void {
  const { bytes, signature } = workerData as WorkerInput
  let graph: Graph
  try {
    const loaded = loadMeasured(bytes, compileLayout(signature))
    graph = loaded.graph
    post({ type: 'loaded', measured: loaded.measured })
  } catch (error) {
    post({ type: 'refused', error: (error as Error).message })
    port?.close()
    return
  }
  port?.on('message', (request: WorkRequest) => scoreAndAnswer(graph, request))
}

main()
