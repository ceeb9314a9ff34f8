import {
  columnResizingFeature,
  columnSizingFeature,
  columnVisibilityFeature,
  createSortedRowModel,
  rowSortingFeature,
  sortFns,
  tableFeatures,
  type ColumnDef,
  type RowData,
} from '@tanstack/react-table'
import type { ReactNode } from 'react'
import type { CellValue, Filterable } from './table-filter.ts'

/** One column. Numbers stand right; `unit` is said once, in the head. */
export interface Column<T extends RowData> extends Filterable<T> {
  id: string
  head: string
  /** In place of the head's word, when it is more than a word. */
  headShown?: ReactNode
  unit?: string
  cell: (row: T) => ReactNode
  /** What it is sorted, filtered, copied and exported by; without it the column is only looked at. */
  value?: (row: T) => CellValue
  right?: boolean
  /** Its share of the width, in pixels of a page 1,440 wide. */
  width?: number
  /** Where room is short, the column with the lowest number goes first; without one it stays. */
  drop?: number
  /** Hidden until it is chosen. */
  extra?: boolean
}

/** The state of a table as it stands in the URL: `sort=-mae`, `filter=…`, `columns=a,b`. */
export interface TableState {
  /** A column's id, with `-` before it for largest first. */
  sort: string
  filter: string
  /** Ids of the shown columns, by comma; empty for the usual ones. */
  columns: string
}

export const plainTable: TableState = { sort: '', filter: '', columns: '' }

export const features = tableFeatures({
  columnSizingFeature,
  columnResizingFeature,
  columnVisibilityFeature,
  rowSortingFeature,
  sortedRowModel: createSortedRowModel(),
  sortFns,
})

export type Features = typeof features

const usualWidth = 96

export const widthOf = <T extends RowData>(column: Column<T>): number => column.width ?? usualWidth

/** Wide enough for the head and for what stands below it, within reason. */
export function widthFor(head: string, words: readonly string[] = []): number {
  const longest = Math.max(head.length + 1, ...words.map((word) => word.length))
  return Math.max(64, Math.min(150, longest * 7.2 + 16))
}

/** A missing value stands last, whichever way is sorted. */
export function columnDefs<T extends RowData>(columns: readonly Column<T>[]): ColumnDef<Features, T>[] {
  return columns.map((column) => ({
    id: column.id,
    accessorFn: (row: T) => column.value?.(row) ?? undefined,
    header: column.head,
    enableSorting: column.value !== undefined,
    sortUndefined: 'last',
    sortFn: 'alphanumeric',
    sortDescFirst: false,
    size: widthOf(column),
    minSize: Math.min(40, widthOf(column)),
  })) as ColumnDef<Features, T>[]
}

/** Columns may be squeezed to this share of their width before one goes. */
export const squeeze = 0.97

/** The shown columns: the chosen ones, less those for which there is no room. */
export function shownColumns<T extends RowData>(
  columns: readonly Column<T>[],
  chosen: string,
  room: number,
): Column<T>[] {
  const ids = chosen === '' ? undefined : new Set(chosen.split(','))
  const shown = columns.filter((column) => (ids ? ids.has(column.id) : column.extra !== true))
  let need = shown.reduce((sum, column) => sum + widthOf(column), 0)
  const going = new Set<string>()
  for (const column of shown
    .filter((candidate) => candidate.drop !== undefined)
    .toSorted((a, b) => (a.drop ?? 0) - (b.drop ?? 0))) {
    if (need * squeeze <= room) break
    going.add(column.id)
    need -= widthOf(column)
  }
  return shown.filter((column) => !going.has(column.id))
}
