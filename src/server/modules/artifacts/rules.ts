import { MainstayError } from '../../../contract/errors.ts'

/** In bytes, as file systems count: a path has to fit below the folder of an export or of a step. */
const longestPath = 3_500
const longestName = 255

/** A relative path of plain names; whatever could leave its folder, or cannot be a file name, is refused. */
export function assertPath(path: string): string {
  const refuse = (why: string): never => {
    throw new MainstayError('platform.path_escapes_root', `Invalid path: ${why}`, { path: path.slice(0, 200) })
  }
  if (path === '') refuse('it is empty')
  if (Buffer.byteLength(path) > longestPath) refuse(`it is longer than ${longestPath} bytes`)
  if (path.includes('\\')) refuse('it holds a backslash')
  if (path.includes('\0')) refuse('it holds a NUL')
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path)) refuse('it is absolute')
  for (const name of path.split('/')) {
    if (name === '') refuse('a name in it is empty')
    if (name === '.' || name === '..') refuse('it holds “.” or “..” as a name')
    if (Buffer.byteLength(name) > longestName) refuse(`a name in it is longer than ${longestName} bytes`)
  }
  if (leavesDecoded(path)) refuse('decoded once more it leaves its folder')
  return path
}

/** Clients and proxies decode names that they were given; in none of the layers may a way out be hidden. */
function leavesDecoded(path: string): boolean {
  if (!path.includes('%')) return false
  const decoded = path.replace(/%[0-7][0-9a-f]/gi, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)))
  if (decoded === path) return false
  return /[\\\0]|^\/|^[a-z]:/i.test(decoded) || decoded.split('/').includes('..') || leavesDecoded(decoded)
}

export interface Range {
  start: number
  /** Inclusive, as in HTTP. */
  end: number
}

/** The range that a Range header asks of a file; `undefined` is the whole file, `null` cannot be satisfied. */
export function rangeOf(header: string | undefined, size: number): Range | null | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '')
  const [, from = '', to = ''] = match ?? []
  if (!match || (from === '' && to === '')) return undefined
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1)
  if (start >= size || (from === '' && Number(to) === 0)) return null
  return end < start ? undefined : { start, end }
}

const contentTypes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    txt: 'text/plain',
    log: 'text/plain',
    md: 'text/plain',
    py: 'text/plain',
    yaml: 'text/plain',
    yml: 'text/plain',
    mlmodel: 'text/plain',
    csv: 'text/csv',
    html: 'text/html',
    json: 'application/json',
    png: 'image/png',
    jpg: 'image/jpeg',
    jpeg: 'image/jpeg',
    gif: 'image/gif',
    svg: 'image/svg+xml',
    webp: 'image/webp',
    pdf: 'application/pdf',
  }),
)

export function contentTypeOf(path: string): string {
  const name = path.split('/').at(-1) ?? ''
  return contentTypes.get(name.split('.').at(-1)?.toLowerCase() ?? '') ?? 'application/octet-stream'
}
