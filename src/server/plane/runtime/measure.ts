import { emptyBlock } from '../../compat/oip/cells.ts'
import type { Layout, RowBlock } from '../../compat/oip/layout.ts'
import { Graph, type Stretch } from './graph.ts'

export interface Measured {
  loadMs: number
  /** Milliseconds of one-row runs; null when the warm-up row itself fails, as a model may on made-up values. */
  p99Ms: number | null
  isBatched: boolean
  outputRanks: number[]
}

/** Only a graph that loads and runs this fast may stay on the event loop. */
const INLINE_LOAD_MS = 5
const INLINE_P99_MS = 0.1

/** Nothing larger loads in that time. */
const SMALL_BYTES = 8 * 1024 * 1024

const ROUNDS = 8

export function isInline(measured: Measured): boolean {
  return measured.loadMs <= INLINE_LOAD_MS && measured.p99Ms !== null && measured.p99Ms <= INLINE_P99_MS
}

function plainBlock(layout: Layout, rows: number): RowBlock {
  const block = emptyBlock(layout.inputs, rows)
  block.num.fill(0)
  block.str.fill('')
  return block
}

function stretchOf(block: RowBlock, layout: Layout): Stretch {
  return { block, from: 0, to: block.n, out: emptyBlock(layout.outputs, block.n), errors: null, failed: 0 }
}

/** Loads, checks, warms and times a graph; throws only if it cannot be loaded or contradicts its signature. */
export function loadMeasured(bytes: Uint8Array, layout: Layout): { graph: Graph; measured: Measured } {
  let { graph, loadMs } = timedLoad(bytes, layout)
  // The first load of a process pays for the runtime's own start, whatever it takes; what the plane would pay is a later one.
  const isSmall = bytes.length < SMALL_BYTES
  for (let round = 0; round < ROUNDS && loadMs > INLINE_LOAD_MS; round++) {
    if (!isSmall || (round > 0 && loadMs > 20 * INLINE_LOAD_MS)) break
    graph.dispose()
    ;({ graph, loadMs } = timedLoad(bytes, layout))
  }
  probeBatch(graph, layout)
  const p99Ms = measureRuns(graph, layout)
  return { graph, measured: { loadMs, p99Ms, isBatched: graph.isBatched, outputRanks: graph.outputRanks } }
}

function timedLoad(bytes: Uint8Array, layout: Layout): { graph: Graph; loadMs: number } {
  const start = performance.now()
  const graph = new Graph(bytes, layout)
  return { graph, loadMs: performance.now() - start }
}

/** Some graphs declare an open first dimension and yet answer for one row only. */
function probeBatch(graph: Graph, layout: Layout): void {
  if (!graph.isBatched) return
  const one = stretchOf(plainBlock(layout, 1), layout)
  graph.score([one])
  if (one.failed > 0) return
  graph.isBatched = false
  const alone = stretchOf(plainBlock(layout, 2), layout)
  graph.score([alone])
  graph.isBatched = true
  const together = stretchOf(plainBlock(layout, 2), layout)
  graph.score([together])
  const agrees =
    together.failed === alone.failed && together.out.num.every((value, i) => nearly(value, alone.out.num[i] ?? NaN))
  graph.isBatched = agrees
}

function nearly(a: number, b: number): boolean {
  return Object.is(a, b) || Math.abs(a - b) <= 1e-4 * Math.max(1, Math.abs(a), Math.abs(b))
}

/** The best of several rounds, so that a busy machine does not send a fast model away. */
function measureRuns(graph: Graph, layout: Layout): number | null {
  const block = plainBlock(layout, 1)
  let best: number | null = null
  for (let round = 0; round < ROUNDS && !(best !== null && best <= INLINE_P99_MS); round++) {
    const times: number[] = []
    const until = performance.now() + 40
    for (let i = 0; i < 150 && (i < 3 || performance.now() < until); i++) {
      const stretch = stretchOf(block, layout)
      const start = performance.now()
      graph.score([stretch])
      times.push(performance.now() - start)
      if (stretch.failed > 0) return null
    }
    times.sort((a, b) => a - b)
    const p99 = times[Math.min(times.length - 1, Math.floor(times.length * 0.99))] ?? Infinity
    best = best === null ? p99 : Math.min(best, p99)
  }
  return best
}
