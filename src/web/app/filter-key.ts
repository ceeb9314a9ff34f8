import { useEffect } from 'react'

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

/** `/` goes to the page's filter line, unless somebody is typing or a dialog is open. */
export function useFilterKey(): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const line = document.querySelector<HTMLInputElement>('#page input[data-filter]')
      if (!line || document.querySelector('[role="dialog"]')) return
      event.preventDefault()
      line.focus()
      line.select()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
