import { useState } from 'react'
import { copyText } from '../lib/copy.ts'
import { Button } from './Button.tsx'

/** `Copy as Python`: puts text on the clipboard and says so until the pointer leaves. */
export function CopyButton({ word, text }: { word: string; text: string }) {
  const [copied, setCopied] = useState(false)
  return (
    <span onMouseLeave={() => setCopied(false)} onBlur={() => setCopied(false)}>
      <Button onClick={() => void copyText(text).then(() => setCopied(true))}>{copied ? 'Copied' : word}</Button>
    </span>
  )
}
