import { Modal } from '@mantine/core'
import { useEffect, useId, useState, type KeyboardEvent } from 'react'
import { useEntries, type PaletteEntry } from './palette-entries.ts'
import css from './Palette.module.css'

/** ⌘K and Ctrl+K, wherever the focus is. */
export function usePaletteKey(open: () => void): void {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'k' || !(event.metaKey || event.ctrlKey)) return
      event.preventDefault()
      open()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [open])
}

/** Letters in their order count, closer together counts more. */
function score(word: string, asked: string): number {
  const at = word.indexOf(asked)
  if (at >= 0) return 1000 - at
  let from = -1
  for (const letter of asked) {
    from = word.indexOf(letter, from + 1)
    if (from < 0) return -1
  }
  return 100 - from
}

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Modal.Root opened={open} onClose={onClose} size={560} yOffset="12vh" transitionProps={{ duration: 80 }}>
      <Modal.Overlay />
      <Modal.Content aria-label="Search or jump to">
        <Modal.Body p={0}>
          <PaletteList onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
}

const reveal = (entry: HTMLLIElement | null): void => entry?.scrollIntoView({ block: 'nearest' })

function PaletteList({ onClose }: { onClose: () => void }) {
  const [asked, setAsked] = useState('')
  const [at, setAt] = useState(0)
  const list = useId()
  const found = useEntries()
    .map((entry) => ({ entry, score: score(`${entry.word} ${entry.kind}`.toLowerCase(), asked.trim().toLowerCase()) }))
    .filter((one) => one.score >= 0)
    .toSorted((a, b) => (asked === '' ? 0 : b.score - a.score))
    .map((one) => one.entry)

  const go = (entry: PaletteEntry | undefined): void => {
    if (!entry) return
    onClose()
    entry.run()
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      setAt((at + step + found.length) % Math.max(1, found.length))
    } else if (event.key === 'Enter') go(found[at])
  }

  return (
    <div>
      <input
        className={css['input']}
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={found[at] ? `${list}-${found[at].id}` : undefined}
        aria-label="Search or jump to"
        placeholder="Search or jump to…"
        data-autofocus
        value={asked}
        onChange={(event) => {
          setAsked(event.target.value)
          setAt(0)
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={list} role="listbox" aria-label="Found" className={css['list']}>
        {found.map((entry, index) => (
          <li
            key={entry.id}
            id={`${list}-${entry.id}`}
            ref={index === at ? reveal : undefined}
            role="option"
            aria-selected={index === at}
            className={css['entry']}
            onClick={() => go(entry)}
            onMouseMove={() => setAt(index)}
          >
            {entry.word}
            <span className={css['kind']}>{entry.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 ? <p className={css['none']}>Nothing is called that.</p> : null}
    </div>
  )
}
