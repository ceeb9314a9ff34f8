import { MainstayError } from '../../../contract/errors.ts'

interface Pair {
  key: string
  value: string
}

export const limits = {
  key: 250,
  paramValue: 6_000,
  runTagValue: 8_000,
  experimentTagValue: 20_000,
  experimentName: 500,
  batchMetrics: 1_000,
  batchPairs: 100,
  batchTotal: 1_000,
  datasetName: 500,
  datasetDigest: 36,
  datasetSource: 65_535,
  datasetSchema: 1_048_575,
  datasetProfile: 16_777_215,
  datasetTagKey: 255,
  datasetTagValue: 500,
  modelId: 250,
}

function invalid(message: string): MainstayError {
  return new MainstayError('request.invalid', message)
}

const keyShape = /^[/\p{L}\p{N}_.\- :]*$/u

/** Keys of metrics, params and tags: letters and digits of any script and a few signs; as a path it must be what it normalises to. */
export function assertKey(key: string, what: string): void {
  if (key === '') throw invalid(`Invalid value "" for parameter '${what}' supplied: a name is needed`)
  if (key.length > limits.key) throw invalid(`${what} name exceeds ${limits.key} characters: '${key.slice(0, 60)}…'`)
  if (!keyShape.test(key)) {
    throw invalid(
      `Invalid ${what} name: '${key}'. Names may only contain alphanumerics, underscores (_), dashes (-), periods (.), spaces ( ), colon (:) and slashes (/).`,
    )
  }
  if (
    key.startsWith('/') ||
    key.endsWith('/') ||
    key.split('/').some((name) => name === '' || name === '.' || name === '..')
  ) {
    throw invalid(
      `Invalid ${what} name: '${key}'. Names may be treated as files in certain cases, and must not resolve to other names when treated as such.`,
    )
  }
}

export function assertLength(value: string, longest: number, what: string): void {
  if (value.length > longest)
    throw invalid(`${what} exceeds the maximum length of ${longest} characters (it has ${value.length})`)
}

export function assertMetric({ key, value, timestamp }: { key: string; value: number; timestamp: number }): void {
  assertKey(key, 'metric')
  if (typeof value !== 'number') throw invalid(`Got invalid value for metric '${key}'`)
  if (timestamp < 0)
    throw invalid(
      `Got invalid timestamp ${timestamp} for metric '${key}' (timestamp must be a nonnegative long integer)`,
    )
}

/** Params of one batch: no key twice, even with an equal value. */
export function assertParams(params: readonly Pair[]): void {
  const seen = new Set<string>()
  for (const { key, value } of params) {
    assertKey(key, 'param')
    assertLength(value, limits.paramValue, `Param value of '${key}'`)
    if (seen.has(key))
      throw invalid(
        `Duplicate parameter keys have been submitted: ['${key}']. Please ensure the request contains only one param value per param key.`,
      )
    seen.add(key)
  }
}

/** Of tags with the same key the last one counts. */
export function lastTags(tags: readonly Pair[]): Pair[] {
  for (const { key, value } of tags) {
    assertKey(key, 'tag')
    assertLength(value, limits.runTagValue, `Tag value of '${key}'`)
  }
  return [...new Map(tags.map((tag) => [tag.key, tag])).values()]
}

export function assertBatch(metrics: number, params: number, tags: number): void {
  const check = (n: number, most: number, what: string): void => {
    if (n > most)
      throw invalid(
        `A batch logging request can contain at most ${most} ${what}. Got ${n} ${what}. Please split up ${what} across multiple requests and try again.`,
      )
  }
  check(metrics, limits.batchMetrics, 'metrics')
  check(params, limits.batchPairs, 'params')
  check(tags, limits.batchPairs, 'tags')
  check(metrics + params + tags, limits.batchTotal, 'metrics, params, and tags')
}

const adjectives =
  'able brisk calm daring eager fair gentle handy keen lively merry noble proud quick quiet rare sharp smart steady swift tidy vivid warm wise'.split(
    ' ',
  )
const nouns =
  'anchor beacon bridge cedar crane delta ember falcon finch harbor heron island kestrel lark maple mast otter pine raven reef river sail sparrow wren'.split(
    ' ',
  )

/** `steady-heron-417`, made from the run's id, so that no randomness is needed. */
export function nameOfRun(runId: string): string {
  const pick = (at: number): number => Number.parseInt(runId.slice(at, at + 6), 16)
  return `${adjectives[pick(0) % adjectives.length]}-${nouns[pick(6) % nouns.length]}-${pick(12) % 1_000}`
}

/** Experiment ids are decimal texts outside and numbers inside. */
export function experimentNumber(id: string): number {
  if (!/^\d{1,15}$/.test(id))
    throw invalid(`Invalid experiment ID: '${id.slice(0, 60)}'. Experiment ID must be a valid integer.`)
  return Number(id)
}

/**
 * Keeps at most `most` of the steps, spread evenly by place, the first and the last among them:
 * steps 0…9 and 5 give 0, 2, 4, 6, 9.
 */
export function thinSteps(steps: readonly number[], most: number): number[] {
  if (steps.length <= most) return [...steps]
  const stride = Math.ceil(steps.length / most)
  const kept = steps.filter((_, i) => i % stride === 0).slice(0, most)
  const last = steps.at(-1)
  if (last !== undefined && kept.at(-1) !== last) {
    if (kept.length >= most) kept[kept.length - 1] = last
    else kept.push(last)
  }
  return kept
}
