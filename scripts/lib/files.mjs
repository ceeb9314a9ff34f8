import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

export const inRoot = (path) => join(root, path)

export const hash = (content) => createHash('sha256').update(content).digest('hex')

export const readStamp = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : '')

export function writeStamp(path, content) {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

/** All files below a folder (as paths from the project's root), without those that `.gitignore` names. */
export function filesBelow(folder) {
  const ignored = ignoredNames()
  const found = []
  const walk = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (ignored(entry.name)) continue
      const path = join(directory, entry.name)
      if (entry.isDirectory()) walk(path)
      else if (entry.isFile()) found.push(relative(root, path))
    }
  }
  if (existsSync(inRoot(folder))) walk(inRoot(folder))
  return found.toSorted()
}

function ignoredNames() {
  const lines = readFileSync(inRoot('.gitignore'), 'utf8').split('\n')
  const patterns = lines.map((line) => line.trim().replace(/\/$/, '')).filter((line) => line && !line.startsWith('#'))
  const names = new Set(['.git', ...patterns.filter((pattern) => !pattern.includes('*'))])
  const endings = patterns.filter((pattern) => pattern.startsWith('*.')).map((pattern) => pattern.slice(1))
  return (name) => names.has(name) || endings.some((ending) => name.endsWith(ending))
}

/** One hash for the content of many files. */
export function hashOf(paths) {
  const sum = createHash('sha256')
  for (const path of paths)
    sum
      .update(path)
      .update('\0')
      .update(readFileSync(inRoot(path)))
      .update('\0')
  return sum.digest('hex')
}
