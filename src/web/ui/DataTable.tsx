import { useTable, type RowData, type SortingState } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import { TableBody } from './TableBody.tsx'
import { TableHead } from './TableHead.tsx'
import { TableTools, type ServedTools } from './TableTools.tsx'
import { rowFilter } from './table-filter.ts'
import {
  columnDefs,
  features,
  plainTable,
  shownColumns,
  squeeze,
  widthOf,
  type Column,
  type TableState,
} from './table-model.ts'
import css from './DataTable.module.css'

interface DataTableProps<T extends RowData> {
  /** What the rows are: names the table and its exported file. */
  name: string
  rows: readonly T[]
  columns: readonly Column<T>[]
  rowKey: (row: T) => string
  /** Held by the page in the URL. Without `onState` the table only sorts, and shows no tools. */
  state?: TableState
  onState?: ((state: TableState) => void) | undefined
  /** The rows come filtered and sorted from the server. */
  served?: boolean
  rowHeight?: 32 | 44 | 48
  /** A filter line of its own and what is shown, for rows that the server filters. */
  tools?: ServedTools | undefined
  /** Enter or a click on the row. */
  onOpen?: ((row: T) => void) | undefined
  /** Keys of the chosen rows; they stand on the accent's ground. */
  chosen?: ReadonlySet<string>
  /** Fetches further rows; asked for when the end comes near. */
  onNearEnd?: (() => void) | undefined
  /** How many rows there are, where not all have come yet. */
  total?: number | undefined
  /** The table scrolls within this height; above 100 rows it does so in any case, and draws only what is seen. */
  height?: number
}

const nothing: ReadonlySet<string> = new Set()
/** Rows before the end at which more are fetched. */
const nearEnd = 40

const sortingOf = (sort: string): SortingState =>
  sort === '' ? [] : [{ id: sort.replace(/^-/, ''), desc: sort.startsWith('-') }]

/** The width there is for columns; a table never makes the page scroll sideways. */
function useRoom() {
  const box = useRef<HTMLDivElement>(null)
  const [room, setRoom] = useState(Infinity)
  useLayoutEffect(() => {
    const element = box.current
    if (!element) return
    setRoom(element.clientWidth)
    const observer = new ResizeObserver(() => setRoom(element.clientWidth))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  return { box, room }
}

export function DataTable<T extends RowData>(props: DataTableProps<T>) {
  const {
    name,
    rows,
    columns,
    rowKey,
    onState,
    served = false,
    rowHeight = 32,
    onOpen,
    chosen = nothing,
    height = 640,
  } = props
  const [own, setOwn] = useState(plainTable)
  const state = props.state ?? own
  const change = onState ?? setOwn
  const { box, room } = useRoom()

  const filtered = useMemo(() => {
    if (served || state.filter === '') return [...rows]
    return rows.filter(rowFilter(state.filter, columns))
  }, [rows, columns, state.filter, served])
  const defs = useMemo(() => columnDefs(columns), [columns])
  const shown = shownColumns(columns, state.columns, room)
  const shownIds = new Set(shown.map((column) => column.id))

  const table = useTable({
    features,
    columns: defs,
    data: filtered,
    getRowId: rowKey,
    manualSorting: served,
    enableMultiSort: false,
    columnResizeMode: 'onChange',
    state: {
      sorting: sortingOf(state.sort),
      columnVisibility: Object.fromEntries(columns.map((column) => [column.id, shownIds.has(column.id)])),
    },
    onSortingChange: (update) => {
      const [first] = typeof update === 'function' ? update(sortingOf(state.sort)) : update
      change({ ...state, sort: first ? `${first.desc ? '-' : ''}${first.id}` : '' })
    },
  })
  const sorted = table.getRowModel().rows
  const sizeOf = (column: Column<T>): number => table.getColumn(column.id)?.getSize() ?? widthOf(column)
  const whole = shown.reduce((sum, column) => sum + sizeOf(column), 0)
  const narrow = shown.filter((column) => sizeOf(column) <= 32).reduce((sum, column) => sum + sizeOf(column), 0)
  const wide = Math.max(whole * squeeze, Number.isFinite(room) ? room : whole)
  // Marks and boxes keep their width; the other columns share what is left.
  const widthIn = (column: Column<T>): number =>
    sizeOf(column) <= 32 ? sizeOf(column) : (sizeOf(column) / (whole - narrow)) * (wide - narrow)
  const isResized = Object.keys(table.state.columnSizing).length > 0
  const isLong = sorted.length > 100
  const isHigh = isLong || (props.height !== undefined && (sorted.length + 1) * rowHeight > props.height)
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    enabled: isLong,
    onChange: ({ range }) => {
      if (range && range.endIndex >= sorted.length - nearEnd) props.onNearEnd?.()
    },
  })

  return (
    <div className={css['whole']}>
      {onState ? (
        <TableTools
          name={name}
          columns={columns}
          shown={shown}
          rows={sorted.map((row) => row.original)}
          total={rows.length}
          state={state}
          tools={props.tools}
          onState={onState}
        />
      ) : null}
      <div ref={box} className={css['scroll']} style={isHigh ? { height, overflowY: 'auto' } : undefined}>
        <table
          className={css['table']}
          aria-label={name}
          aria-rowcount={(props.total ?? sorted.length) + 1}
          role="grid"
          style={{ minWidth: isResized ? whole : Math.min(room, whole * squeeze) }}
        >
          <colgroup>
            {shown.map((column) => (
              <col key={column.id} style={{ width: widthIn(column) }} />
            ))}
          </colgroup>
          <TableHead table={table} columns={shown} />
          <TableBody
            rows={sorted}
            columns={shown}
            rowHeight={rowHeight}
            chosen={chosen}
            onOpen={onOpen}
            window={
              isLong
                ? {
                    items: virtual.getVirtualItems(),
                    total: virtual.getTotalSize(),
                    reveal: (index) => virtual.scrollToIndex(index),
                  }
                : undefined
            }
          />
        </table>
      </div>
      {sorted.length === 0 ? (
        <p className={css['none']}>{rows.length === 0 ? `No ${name}.` : `No ${name} fit the filter.`}</p>
      ) : null}
    </div>
  )
}
