import { Menu } from '@mantine/core'
import type { RowData } from '@tanstack/react-table'
import type { ReactNode } from 'react'
import { count } from '../lib/format.ts'
import { FilterLine, Toolbar } from './Toolbar.tsx'
import { saveFile, toCsv, toJson } from './table-export.ts'
import type { Column, TableState } from './table-model.ts'
import button from './Button.module.css'

export interface ServedTools {
  filter: ReactNode
  shown: ReactNode
}

interface TableToolsProps<T extends RowData> {
  name: string
  columns: readonly Column<T>[]
  shown: readonly Column<T>[]
  rows: readonly T[]
  total: number
  state: TableState
  tools: ServedTools | undefined
  onState: (state: TableState) => void
}

/** Filter line, chosen columns, export, and how many rows are shown. */
export function TableTools<T extends RowData>({
  name,
  columns,
  shown,
  rows,
  total,
  state,
  tools,
  onState,
}: TableToolsProps<T>) {
  const choose = (column: Column<T>): void => {
    const ids = new Set(shown.map((one) => one.id))
    if (!ids.delete(column.id)) ids.add(column.id)
    onState({
      ...state,
      columns: columns
        .filter((one) => ids.has(one.id))
        .map((one) => one.id)
        .join(','),
    })
  }
  return (
    <Toolbar
      shown={
        tools
          ? tools.shown
          : rows.length === total
            ? `${count(total)} ${total === 1 ? name.replace(/s$/, '') : name}`
            : `${count(rows.length)} of ${count(total)} ${name} shown`
      }
    >
      {tools ? (
        tools.filter
      ) : (
        <FilterLine
          label={`Filter ${name}`}
          value={state.filter}
          onChange={(filter) => onState({ ...state, filter })}
          placeholder="word, or column < 60 and column = value"
          words={columns.filter((column) => column.value).map((column) => column.id)}
        />
      )}
      <Menu position="bottom-start" offset={4}>
        <Menu.Target>
          <button type="button" className={button['button']}>
            Columns {shown.length}
          </button>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
          {columns
            .filter((column) => column.head !== '')
            .map((column) => (
              <Menu.CheckboxItem key={column.id} checked={shown.includes(column)} onChange={() => choose(column)}>
                {column.head}
              </Menu.CheckboxItem>
            ))}
          {state.columns === '' ? null : (
            <Menu.Item onClick={() => onState({ ...state, columns: '' })}>Back to the usual columns</Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Menu position="bottom-start" offset={4}>
        <Menu.Target>
          <button type="button" className={button['button']}>
            Export
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => saveFile(`${name}.csv`, 'text/csv', toCsv(rows, shown))}>
            Shown rows as CSV
          </Menu.Item>
          <Menu.Item onClick={() => saveFile(`${name}.json`, 'application/json', toJson(rows, shown))}>
            Shown rows as JSON
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Toolbar>
  )
}
