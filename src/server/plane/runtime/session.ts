import { createRequire } from 'node:module'
import type { Tensor } from 'onnxruntime-node'

/** onnxruntime's own element types, as its metadata names them. */
export type GraphType = 'float32' | 'float64' | 'int64' | 'int32' | 'bool' | 'string' | 'unsupported'

export interface GraphTensor {
  name: string
  type: GraphType
  /** Dimensions; null where the graph leaves one open. */
  shape: (number | null)[]
}

export interface GraphInfo {
  inputs: GraphTensor[]
  /** Only tensor outputs: a sequence of maps (sklearn's ZipMap) cannot be fetched. */
  outputs: GraphTensor[]
  skippedOutputs: string[]
}

interface RawMetadata {
  name: string
  isTensor: boolean
  shape: number[]
  type: number
}

interface NativeSession {
  loadModel(buffer: ArrayBufferLike, offset: number, length: number, options: object): void
  readonly inputMetadata: RawMetadata[]
  readonly outputMetadata: RawMetadata[]
  run(feeds: Record<string, Tensor>, fetches: Record<string, null>, options: object): Record<string, Tensor>
  dispose(): void
}

const TYPES: Record<number, GraphType> = { 1: 'float32', 6: 'int32', 7: 'int64', 8: 'string', 9: 'bool', 11: 'float64' }

/**
 * The public `run()` blocks the thread all the same but comes back two turns of the event loop later; the binding
 * under it answers at once, which is what lets a batch be cut, run and answered in one turn.
 */
const native = createRequire(import.meta.url)('onnxruntime-node/dist/binding.js') as {
  binding: { InferenceSession: new () => NativeSession }
  initOrt: () => void
}

const options = { intraOpNumThreads: 1, interOpNumThreads: 1, executionMode: 'sequential', logSeverityLevel: 4 }

/** One loaded graph; it belongs to the thread that made it, and `run` blocks that thread. */
export class Session {
  readonly info: GraphInfo
  readonly #session: NativeSession
  readonly #fetches: Record<string, null> = {}

  constructor(bytes: Uint8Array) {
    native.initOrt()
    this.#session = new native.binding.InferenceSession()
    this.#session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, options)
    const outputs = this.#session.outputMetadata
    this.info = {
      inputs: this.#session.inputMetadata.map(toGraphTensor),
      outputs: outputs.filter((output) => output.isTensor).map(toGraphTensor),
      skippedOutputs: outputs.filter((output) => !output.isTensor).map((output) => output.name),
    }
  }

  /** Only these outputs are computed and fetched from now on. */
  fetch(names: string[]): void {
    for (const name of Object.keys(this.#fetches)) delete this.#fetches[name]
    for (const name of names) this.#fetches[name] = null
  }

  run(feeds: Record<string, Tensor>): Record<string, Tensor> {
    return this.#session.run(feeds, this.#fetches, { logSeverityLevel: 4 })
  }

  dispose(): void {
    this.#session.dispose()
  }
}

function toGraphTensor(raw: RawMetadata): GraphTensor {
  if (!raw.isTensor) return { name: raw.name, type: 'unsupported', shape: [] }
  return {
    name: raw.name,
    type: TYPES[raw.type] ?? 'unsupported',
    shape: raw.shape.map((dim) => (dim < 0 ? null : dim)),
  }
}
