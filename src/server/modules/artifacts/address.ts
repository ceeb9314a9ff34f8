import { MainstayError } from '../../../contract/errors.ts'

/** What a path of the artifact proxy means: a place under an owner, or in a frozen tree. */
export type ArtifactAddress =
  | { kind: 'owner'; owner: string; path: string }
  | { kind: 'tree'; digest: string; path: string }

const scheme = 'mlflow-artifacts:'
const shapes: readonly [RegExp, (id: string) => string][] = [
  [/^(?:.*\/)?models\/(m-[0-9a-f]{32})\/artifacts(?:\/(.*))?$/s, (id) => `model:${id}`],
  [/^(?:.*\/)?([0-9a-f]{32})\/artifacts(?:\/(.*))?$/s, (id) => `run:${id}`],
]

/** Reads `<experiment>/<run>/artifacts/…`, `<experiment>/models/<model>/artifacts/…` and `trees/<digest>/…`. */
export function addressOf(path: string): ArtifactAddress {
  const tree = /^trees\/([0-9a-f]{64})(?:\/(.*))?$/s.exec(path)
  if (tree) return { kind: 'tree', digest: tree[1] ?? '', path: tree[2] ?? '' }
  for (const [shape, ownerOf] of shapes) {
    const match = shape.exec(path)
    if (match) return { kind: 'owner', owner: ownerOf(match[1] ?? ''), path: match[2] ?? '' }
  }
  return { kind: 'owner', owner: 'root', path }
}

export const isProxied = (uri: string): boolean => uri.toLowerCase().startsWith(scheme)

/** The path of a `mlflow-artifacts:` URI, with or without a host. */
export function proxiedPath(uri: string): string {
  const rest = uri.slice(scheme.length)
  const path = rest.startsWith('//') ? rest.slice(2).replace(/^[^/]*/, '') : rest
  return decode(path.replace(/^\/+/, '').replace(/\/+$/, ''))
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    throw new MainstayError(
      'platform.path_escapes_root',
      'Invalid path: its percent signs are not an encoding',
      {},
      { cause: error },
    )
  }
}

export const treeUri = (digest: string): string => `${scheme}/trees/${digest}`
