import type { ReactNode } from 'react'
import css from './FileTree.module.css'

interface FileRowProps {
  name: string
  folder: boolean
  open?: boolean
  chosen?: boolean
  note?: string
  depth: number
  onPress: () => void
  children?: ReactNode
}

/** One file or folder; an open folder holds its own. */
export function FileRow({ name, folder, open, chosen, note, depth, onPress, children }: FileRowProps) {
  return (
    <li role="treeitem" aria-expanded={folder ? open === true : undefined} aria-selected={chosen === true}>
      <button
        type="button"
        className={css['row']}
        data-chosen={chosen === true}
        style={{ paddingLeft: 8 + depth * 16 }}
        onClick={onPress}
      >
        <span className={css['arrow']} aria-hidden="true">
          {folder ? (open ? '▾' : '▸') : ''}
        </span>
        <span className={css['name']}>{name}</span>
        <span className={css['note']}>{note}</span>
      </button>
      {open ? <ul role="group">{children}</ul> : null}
    </li>
  )
}

export function FileTree({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul role="tree" aria-label={label} className={css['tree']}>
      {children}
    </ul>
  )
}

/** A picture kept as a file. */
export function PictureView({ source, name }: { source: string; name: string }) {
  return <img className={css['picture']} src={source} alt={name} />
}
