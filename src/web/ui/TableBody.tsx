import type { Row, RowData } from '@tanstack/react-table'
import type { VirtualItem } from '@tanstack/react-virtual'
import { useRef, useState, type KeyboardEvent, type MouseEvent } from 'react'
import { copyText } from '../lib/copy.ts'
import type { Column, Features } from './table-model.ts'
import css from './DataTable.module.css'

interface TableBodyProps<T extends RowData> {
  rows: readonly Row<Features, T>[]
  columns: readonly Column<T>[]
  rowHeight: number
  chosen: ReadonlySet<string>
  onOpen: ((row: T) => void) | undefined
  /** What is drawn of a long table. */
  window: { items: readonly VirtualItem[]; total: number; reveal: (index: number) => void } | undefined
}

const moves: Record<string, readonly [rows: number, columns: number]> = {
  ArrowDown: [1, 0],
  ArrowUp: [-1, 0],
  ArrowRight: [0, 1],
  ArrowLeft: [0, -1],
  PageDown: [15, 0],
  PageUp: [-15, 0],
  Home: [-1e9, 0],
  End: [1e9, 0],
}

const clamp = (value: number, high: number): number => Math.max(0, Math.min(high, value))
const isControl = (target: EventTarget): boolean =>
  target instanceof Element && target.closest('a, button, input, label') !== null

/** Arrows move a cell's focus, Enter opens the row, Ctrl+C copies the cell. */
function useCells<T extends RowData>({ rows, columns, onOpen, window }: TableBodyProps<T>) {
  const body = useRef<HTMLTableSectionElement>(null)
  const [cell, setCell] = useState<readonly [row: number, column: number]>([0, 0])

  const focusOn = (row: number, column: number): void => {
    setCell([row, column])
    const drawn = () => body.current?.querySelector<HTMLElement>(`[data-cell="${row}.${column}"]`)
    window?.reveal(row)
    // A row far down a long table is drawn only with the next frame.
    if (drawn()) drawn()?.focus()
    else requestAnimationFrame(() => drawn()?.focus())
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const row = rows[cell[0]]
    const move = moves[event.key]
    if (move) {
      event.preventDefault()
      focusOn(clamp(cell[0] + move[0], rows.length - 1), clamp(cell[1] + move[1], columns.length - 1))
    } else if (event.key === 'Enter' && row && onOpen && !isControl(event.target)) {
      onOpen(row.original)
    } else if (event.key === 'c' && (event.ctrlKey || event.metaKey) && row && getSelection()?.isCollapsed) {
      void copyText(String(columns[cell[1]]?.value?.(row.original) ?? ''))
    }
  }
  return { body, cell, setCell, onKeyDown }
}

export function TableBody<T extends RowData>(props: TableBodyProps<T>) {
  const { rows, columns, rowHeight, chosen, onOpen, window } = props
  const { body, cell, setCell, onKeyDown } = useCells(props)
  const first = window?.items[0]
  const last = window?.items[window.items.length - 1]
  const drawn = window ? window.items.map((item) => item.index) : rows.map((_, index) => index)

  return (
    <tbody ref={body} onKeyDown={onKeyDown}>
      {first && first.start > 0 ? <tr style={{ height: first.start }} aria-hidden="true" /> : null}
      {drawn.map((index) => {
        const row = rows[index]
        if (!row) return null
        return (
          <tr
            key={row.id}
            className={css['row']}
            style={{ height: rowHeight }}
            aria-rowindex={index + 2}
            aria-selected={chosen.has(row.id)}
            data-opens={onOpen !== undefined}
            onClick={(event: MouseEvent) => {
              if (onOpen && !isControl(event.target) && getSelection()?.isCollapsed) onOpen(row.original)
            }}
          >
            {columns.map((column, place) => (
              <td
                key={column.id}
                className={css['cell']}
                data-right={column.right === true}
                data-cell={`${index}.${place}`}
                tabIndex={index === cell[0] && place === cell[1] ? 0 : -1}
                onFocus={() => setCell([index, place])}
              >
                {column.cell(row.original)}
              </td>
            ))}
          </tr>
        )
      })}
      {window && last && last.end < window.total ? (
        <tr style={{ height: window.total - last.end }} aria-hidden="true" />
      ) : null}
    </tbody>
  )
}
