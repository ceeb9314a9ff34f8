import type { Layout, TensorLayout } from './layout.ts'

const tensorOf = (rank: (i: number) => number) => (tensor: TensorLayout, i: number) => ({
  name: tensor.name,
  datatype: tensor.dtype,
  shape: rank(i) === 1 ? [-1] : [-1, tensor.columns.length],
})

export function modelMetadata(name: string, versions: number[], layout: Layout, outputRanks: number[]): object {
  return {
    name,
    versions: versions.map(String),
    platform: 'onnxruntime_onnx',
    inputs: layout.inputs.tensors.map(tensorOf(() => 2)),
    outputs: layout.outputs.tensors.map(tensorOf((i) => outputRanks[i] ?? 2)),
  }
}

export const serverMetadata = (version: string): object => ({ name: 'mainstay', version, extensions: [] })
