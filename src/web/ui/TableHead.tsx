import type { ReactTable, RowData } from '@tanstack/react-table'
import type { Column, Features } from './table-model.ts'
import css from './DataTable.module.css'

const arrows = { asc: ' ↑', desc: ' ↓' }
const ariaSort = { asc: 'ascending', desc: 'descending' } as const

/** Heads sort by click, and are made wider or narrower at their right border. */
export function TableHead<T extends RowData>({
  table,
  columns,
}: {
  table: ReactTable<Features, T>
  columns: readonly Column<T>[]
}) {
  const headers = new Map(table.getHeaderGroups()[0]?.headers.map((header) => [header.column.id, header]))
  return (
    <thead>
      <tr>
        {columns.map((column) => {
          const header = headers.get(column.id)
          const sorted = header?.column.getIsSorted() || undefined
          const words = (
            <>
              {column.headShown ?? column.head}
              {column.unit ? <span className={css['unit']}>, {column.unit}</span> : null}
              {sorted ? <span aria-hidden="true">{arrows[sorted]}</span> : null}
            </>
          )
          return (
            <th
              key={column.id}
              scope="col"
              className={css['head']}
              data-right={column.right === true}
              data-sorted={sorted !== undefined}
              aria-sort={sorted ? ariaSort[sorted] : undefined}
            >
              {column.value ? (
                <button
                  type="button"
                  className={css['sort']}
                  onClick={(event) => header?.column.getToggleSortingHandler()?.(event)}
                >
                  {words}
                </button>
              ) : (
                words
              )}
              <span
                className={css['grip']}
                aria-hidden="true"
                onMouseDown={header?.getResizeHandler()}
                onTouchStart={header?.getResizeHandler()}
                onDoubleClick={() => header?.column.resetSize()}
              />
            </th>
          )
        })}
      </tr>
    </thead>
  )
}
