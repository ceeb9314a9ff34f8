import type { Cell, Column, ColumnKind, Signature } from '../../contract/signature.ts'
import type { Row } from './table.ts'

const dtypes: Record<ColumnKind, string> = { float: 'FP64', int: 'INT64', bool: 'BOOL', string: 'BYTES' }

/** An Open Inference Protocol request with one tensor per column, one row. */
export function bodyOf(signature: Signature, row: Row, features: readonly string[] | undefined): string {
  const wanted = features && new Set(features)
  const inputs = signature.inputs
    .filter((column) => Object.hasOwn(row, column.name) && (wanted?.has(column.name) ?? true))
    .map((column) => ({
      name: column.name,
      shape: [1, 1],
      datatype: dtypeOf(signature, column),
      data: [cellOf(column.kind, row[column.name] ?? null)],
    }))
  return JSON.stringify({ inputs })
}

/** Where the graph has a tensor of the same name its own type is demanded; else the column's kind decides. */
function dtypeOf(signature: Signature, column: Column): string {
  return signature.onnx.inputs.find((tensor) => tensor.name === column.name)?.dtype ?? dtypes[column.kind]
}

function cellOf(kind: ColumnKind, cell: Cell): Cell {
  if (cell === null) return null
  if (kind === 'string') return String(cell)
  if (kind === 'bool') return typeof cell === 'string' ? /^(1|true|yes)$/i.test(cell) : Boolean(cell)
  const value = Number(cell)
  // What is no number is sent as it is: the server's refusal tells more than a silent missing value.
  return Number.isFinite(value) ? value : cell
}
