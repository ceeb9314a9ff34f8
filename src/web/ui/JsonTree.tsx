import { useState } from 'react'
import css from './JsonTree.module.css'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const openTo = 2
const longList = 100

const isTree = (value: Json): value is readonly Json[] | { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null

/** A value of any depth; deeper than two levels is opened by click. */
export function JsonTree({ value }: { value: unknown }) {
  return (
    <div className={css['tree']}>
      <Node value={value as Json} depth={0} />
    </div>
  )
}

function Node({ name, value, depth }: { name?: string; value: Json; depth: number }) {
  const [open, setOpen] = useState(depth < openTo)
  const [all, setAll] = useState(false)
  const label = name === undefined ? null : <span className={css['key']}>{name}: </span>
  if (!isTree(value)) {
    return (
      <div className={css['leaf']}>
        {label}
        <span data-kind={value === null ? 'null' : typeof value} className={css['value']}>
          {JSON.stringify(value)}
        </span>
      </div>
    )
  }
  const entries = Object.entries(value)
  const shown = all ? entries : entries.slice(0, longList)
  return (
    <div>
      <button type="button" className={css['branch']} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={css['arrow']} aria-hidden="true">
          {open ? '▾' : '▸'}
        </span>
        {label}
        <span className={css['size']}>{Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`}</span>
      </button>
      {open ? (
        <div className={css['inside']}>
          {shown.map(([key, child]) => (
            <Node key={key} name={key} value={child} depth={depth + 1} />
          ))}
          {shown.length < entries.length ? (
            <button type="button" className={css['more']} onClick={() => setAll(true)}>
              {entries.length - shown.length} more
            </button>
          ) : null}
        </div>
      ) : null}
    </div>
  )
}
