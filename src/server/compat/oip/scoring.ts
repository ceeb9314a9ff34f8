import { assertRows, emptyBlock, refuse, setCell } from './cells.ts'
import { isObject, own, type JsonObject } from './json.ts'
import { readCell, type Layout, type RowBlock, type SideLayout } from './layout.ts'
import type { Cell } from '../../../contract/signature.ts'

/** MLflow's scoring body: dataframe_split, dataframe_records, instances or inputs, as rows of the signature's columns. */
export function readScoringRequest(body: unknown, layout: Layout, maxRows: number): RowBlock {
  if (!isObject(body)) refuse('the request body must be a JSON object')
  const given = ['dataframe_split', 'dataframe_records', 'instances', 'inputs'].filter((name) =>
    Object.hasOwn(body, name),
  )
  if (given.length !== 1) {
    refuse(
      `the body must have exactly one of dataframe_split, dataframe_records, instances and inputs, got ${given.length}`,
    )
  }
  const side = layout.inputs
  const value = body[given[0] ?? '']
  if (given[0] === 'dataframe_split') return readSplit(value, side, maxRows)
  if (given[0] === 'inputs' && isObject(value)) return readColumns(value, side, maxRows)
  return readRows(value, side, given[0] ?? '', maxRows)
}

function readSplit(value: unknown, side: SideLayout, maxRows: number): RowBlock {
  const data = isObject(value) ? value['data'] : undefined
  if (!isObject(value) || !Array.isArray(data)) refuse("dataframe_split must have 'columns' and 'data'")
  const names = value['columns']
  if (names === undefined) return readRows(data, side, 'dataframe_split', maxRows)
  if (!Array.isArray(names)) refuse("dataframe_split: 'columns' must be an array")
  const at = side.columns.map((column) => {
    const index = names.indexOf(column.name)
    if (names.lastIndexOf(column.name) !== index) refuse(`dataframe_split names column '${column.name}' twice`)
    if (index < 0 && !column.missing) refuse(`the model needs column '${column.name}', which the request lacks`)
    return index
  })
  assertRows(data.length, maxRows)
  const block = emptyBlock(side, data.length)
  for (const [row, cells] of data.entries()) {
    if (!Array.isArray(cells) || cells.length !== names.length)
      refuse(`dataframe_split: row ${row} does not have ${names.length} values`)
    for (const [index, source] of at.entries()) setCell(side, block, row, index, source < 0 ? null : cells[source])
  }
  return block
}

function readRows(value: unknown, side: SideLayout, form: string, maxRows: number): RowBlock {
  if (!Array.isArray(value)) refuse(`'${form}' must be an array of rows`)
  assertRows(value.length, maxRows)
  const block = emptyBlock(side, value.length)
  for (const [row, cells] of value.entries()) {
    if (isObject(cells)) readRecord(cells, side, block, row)
    else if (Array.isArray(cells)) readList(cells, side, block, row)
    else if (side.columns.length === 1) setCell(side, block, row, 0, cells)
    else refuse(`'${form}': row ${row} must be an object or an array of ${side.columns.length} values`)
  }
  return block
}

function readRecord(record: JsonObject, side: SideLayout, block: RowBlock, row: number): void {
  for (const [index, column] of side.columns.entries()) {
    if (!Object.hasOwn(record, column.name) && !column.missing) {
      refuse(`the model needs column '${column.name}', which row ${row} lacks`)
    }
    setCell(side, block, row, index, own(record, column.name))
  }
}

function readList(cells: unknown[], side: SideLayout, block: RowBlock, row: number): void {
  if (cells.length !== side.columns.length)
    refuse(`row ${row} has ${cells.length} values, the model takes ${side.columns.length}`)
  for (const [index, cell] of cells.entries()) setCell(side, block, row, index, cell)
}

function readColumns(value: JsonObject, side: SideLayout, maxRows: number): RowBlock {
  let block: RowBlock | undefined
  for (const [index, column] of side.columns.entries()) {
    if (!Object.hasOwn(value, column.name)) {
      if (column.missing) continue
      refuse(`the model needs column '${column.name}', which the request lacks`)
    }
    const cells = value[column.name]
    const list = Array.isArray(cells) ? cells : [cells]
    assertRows(list.length, maxRows)
    block ??= emptyBlock(side, list.length)
    if (list.length !== block.n)
      refuse(`column '${column.name}' has ${list.length} values, the columns before it ${block.n}`)
    for (const [row, cell] of list.entries())
      setCell(side, block, row, index, Array.isArray(cell) && cell.length === 1 ? cell[0] : cell)
  }
  return block ?? emptyBlock(side, 0)
}

/**
 * `{"predictions": …}` as MLflow's server writes it: a list of values for one output column, labels alone for a
 * classifier that also exports probabilities (predict() returns labels), else one record or list per row.
 */
export function writeScoringResponse(layout: Layout, out: RowBlock): string {
  const side = layout.outputs
  const first = side.tensors[0]
  const isLabel = first?.columns.length === 1 && ['INT64', 'BYTES', 'BOOL'].includes(first.dtype)
  const isClassifier = side.tensors.length === 2 && isLabel
  const rows: unknown[] = []
  for (let row = 0; row < out.n; row++) {
    if (first && (side.tensors.length === 1 || isClassifier)) {
      const cells = first.columns.map((index) => readCell(side, out, row, index))
      rows.push(first.columns.length === 1 ? cells[0] : cells)
    } else rows.push(recordOf(side, out, row))
  }
  return JSON.stringify({ predictions: rows })
}

export function recordOf(side: SideLayout, block: RowBlock, row: number): Record<string, Cell> {
  const record: Record<string, Cell> = {}
  for (const [index, column] of side.columns.entries()) record[column.name] = readCell(side, block, row, index)
  return record
}
