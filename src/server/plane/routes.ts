/** What an address means; found once per address and kept. */
export type Route =
  | { op: 'server' | 'live' | 'ready' | 'models' | 'ping' | 'metrics' }
  | { op: 'model' | 'model-ready' | 'infer' | 'invocations'; endpoint: string | null; version: number | null }

const FIXED: Record<string, Route> = {
  '/v2': { op: 'server' },
  '/v2/health/live': { op: 'live' },
  '/v2/health/ready': { op: 'ready' },
  '/v2/models': { op: 'models' },
  '/ping': { op: 'ping' },
  '/health': { op: 'ping' },
  '/metrics': { op: 'metrics' },
  '/invocations': { op: 'invocations', endpoint: null, version: null },
}

const MODEL = /^\/v2\/models\/([^/]+)(?:\/versions\/(\d{1,15}))?(?:\/(ready|infer|invocations))?$/
const SCORING = /^\/endpoints\/([^/]+)\/invocations$/
const KEPT = 2000

const kept = new Map<string, Route | null>()

export function findRoute(url: string): Route | null {
  const known = kept.get(url)
  if (known !== undefined) return known
  const route = parseRoute(url)
  if (kept.size < KEPT) kept.set(url, route)
  return route
}

function parseRoute(url: string): Route | null {
  const path = (url.split('?', 1)[0] ?? '').replace(/(.)\/$/, '$1')
  const fixed = Object.hasOwn(FIXED, path) ? FIXED[path] : undefined
  if (fixed) return fixed
  const scoring = SCORING.exec(path)
  if (scoring) return { op: 'invocations', endpoint: decode(scoring[1]), version: null }
  const model = MODEL.exec(path)
  if (!model) return null
  const op =
    model[3] === 'ready' ? 'model-ready' : model[3] === 'infer' || model[3] === 'invocations' ? model[3] : 'model'
  return { op, endpoint: decode(model[1]), version: model[2] === undefined ? null : Number(model[2]) }
}

function decode(part: string | undefined): string {
  try {
    return decodeURIComponent(part ?? '')
  } catch {
    return part ?? ''
  }
}
