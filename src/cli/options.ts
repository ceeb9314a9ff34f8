import type { Command } from 'commander'
import { usage } from './failure.ts'

export interface JsonOption {
  json?: boolean
}

/** A subcommand with --json, which every verb that answers something has. */
export function verb(parent: Command, name: string, about: string): Command {
  return parent.command(name).description(about).option('--json', 'print JSON instead of text')
}

/** `--param a=1` given several times: name → value; booleans, and numbers that lose nothing, become what they look like. */
export function assignments(texts: readonly string[]): Record<string, string | number | boolean | null> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=')
      if (at <= 0) throw usage(`“${text}” is not NAME=VALUE`)
      return [text.slice(0, at), toValue(text.slice(at + 1))]
    }),
  )
}

function toValue(text: string): string | number | boolean | null {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === 'null') return null
  return String(Number(text)) === text && Number.isFinite(Number(text)) ? Number(text) : text
}

export const collect = (value: string, before: readonly string[] = []): string[] => [...before, value]
