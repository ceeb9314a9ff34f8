import { z } from 'zod'

/** What a column holds. `float` and `string` may be missing if the model's signature allows it. */
export const ColumnKind = z.enum(['float', 'int', 'bool', 'string'])
export type ColumnKind = z.infer<typeof ColumnKind>

export const Column = z.object({ name: z.string(), kind: ColumnKind, missing: z.boolean().default(false) })
export type Column = z.infer<typeof Column>

/** How columns are laid into the tensors of the ONNX graph. */
export const OnnxTensor = z.object({
  name: z.string(),
  dtype: z.enum(['FP32', 'FP64', 'INT64', 'INT32', 'BOOL', 'BYTES']),
  /** The columns this tensor carries, in order; one name for a tensor per column. */
  columns: z.array(z.string()),
})
export type OnnxTensor = z.infer<typeof OnnxTensor>

/** A model version's ordered named columns; it owns the mapping between columns and tensors. */
export const Signature = z.object({
  inputs: z.array(Column),
  outputs: z.array(Column),
  onnx: z.object({ inputs: z.array(OnnxTensor), outputs: z.array(OnnxTensor) }),
})
export type Signature = z.infer<typeof Signature>

/** A cell of a row: missing is null. */
export type Cell = number | string | boolean | null
