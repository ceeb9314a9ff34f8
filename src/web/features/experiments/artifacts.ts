import { queryOptions } from '@tanstack/react-query'
import { downloadArtifact, type ArtifactEntry } from '../../../contract/artifacts.ts'
import { fillPath, toQuery } from '../../../contract/endpoint.ts'
import { ApiError } from '../../lib/api.ts'

export interface Owner {
  owner: 'run' | 'model'
  id: string
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

export function fileUrl(owner: Owner, path: string): string {
  const { path: filled, rest } = fillPath(downloadArtifact.path, { ...owner, path })
  return filled + toQuery(rest)
}

export type PreviewKind = 'text' | 'json' | 'table' | 'picture' | 'none'

const kinds: readonly [RegExp, PreviewKind][] = [
  [/\.(png|jpe?g|gif|webp|svg|bmp)$/i, 'picture'],
  [/\.json$/i, 'json'],
  [/\.(csv|tsv)$/i, 'table'],
  [
    /(\.(txt|md|log|ya?ml|py|ts|js|sh|toml|ini|cfg|html|xml|sql|r|jsonl)|(^|\/)(MLmodel|Dockerfile|requirements[^/]*))$/i,
    'text',
  ],
]

export const kindOf = ({ path }: Pick<ArtifactEntry, 'path'>): PreviewKind =>
  kinds.find(([shape]) => shape.test(path))?.[1] ?? 'none'

export const previewBytes = 256 * 1024

/** The beginning of a file as text; a longer one is cut at a line. */
export const fileText = (owner: Owner, file: ArtifactEntry) =>
  queryOptions({
    queryKey: ['artifacts', 'text', owner, file.path, file.size] as const,
    queryFn: async ({ signal }) => {
      const response = await fetch(fileUrl(owner, file.path), {
        signal,
        ...(file.size > previewBytes ? { headers: { range: `bytes=0-${previewBytes - 1}` } } : {}),
      })
      if (!response.ok) {
        throw new ApiError(
          response.status,
          'artifacts.unreadable',
          `${file.path} cannot be read.`,
          'Try again, or download it.',
          {},
        )
      }
      const text = await response.text()
      return file.size > previewBytes ? text.slice(0, text.lastIndexOf('\n') + 1) : text
    },
  })

/** Rows of a CSV or TSV file; quotes as RFC 4180 has them. */
export function parseTable(text: string, separator: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  let cell = ''
  let quoted = false
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charAt(at)
    if (quoted) {
      if (sign === '"' && text.charAt(at + 1) === '"') {
        cell += '"'
        at += 1
      } else if (sign === '"') quoted = false
      else cell += sign
    } else if (sign === '"') quoted = true
    else if (sign === separator) {
      row.push(cell)
      cell = ''
    } else if (sign === '\n') {
      row.push(cell.replace(/\r$/, ''))
      rows.push(row)
      row = []
      cell = ''
    } else cell += sign
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell])
  return rows
}
