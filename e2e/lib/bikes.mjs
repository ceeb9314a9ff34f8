import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { python, root } from './mainstay.mjs'
import { randomFrom } from './random.mjs'

const { replayTable } = await import(join(root, 'dist/cli/replay/replay.js'))
export { replayTable }

export const endpoint = 'bike-demand'
export const example = join(root, 'examples/bikes')
export const dayMs = 86_400_000
export const date = (text) => Date.parse(`${text}T00:00:00Z`)
export const dayOf = (time) => new Date(time).toISOString().slice(0, 10)

/** What every replay of the bikes table has in common: labels a day late, a barrier at every window. */
export const bikesReplay = {
  endpoint,
  time: { parts: { year: '2011', dayofyear: 'day', hour: 'hr' } },
  label: 'bikers',
  labelDelayMs: dayMs,
  barrier: 'window',
  everyMs: dayMs,
  barrierTimeoutMs: 5 * 60_000,
}

/** The CSV file that the ISLP package ships. */
export function bikesFile() {
  const find =
    'import importlib.util, pathlib; print(pathlib.Path(importlib.util.find_spec("ISLP").origin).parent / "data" / "Bikeshare.csv")'
  return execFileSync(python, ['-c', find], { encoding: 'utf8' }).trim()
}

/** The lines of the table by the day of the year; no field of it holds a comma. */
function readDays() {
  const [head = '', ...lines] = readFileSync(bikesFile(), 'utf8').trimEnd().split(/\r?\n/)
  const at = head.split(',').indexOf('"day"')
  if (at === -1) throw new Error(`the bikes table has no column "day": ${head}`)
  const days = new Map()
  for (const line of lines) {
    const day = Number(line.split(',')[at])
    days.set(day, [...(days.get(day) ?? []), line])
  }
  return { head, at, days }
}

/**
 * The same year with whole days in another order: each day keeps its hours, its weather, its weekday and its
 * demand, and only its place in the year is new. There is no trend and no season left, so nothing to retrain for.
 */
export function writePermutedYear(path, seed) {
  const { head, at, days } = readDays()
  const places = [...days.keys()].toSorted((a, b) => a - b)
  const order = randomFrom(seed).shuffled(places)
  const lines = places.flatMap((place, index) =>
    days.get(order[index]).map((line) => {
      const fields = line.split(',')
      fields[at] = String(place)
      return fields.join(',')
    }),
  )
  writeFileSync(path, `${[head, ...lines].join('\n')}\n`)
}

/** A copy of the example whose mainstay.yaml `change` has had a hand on; answers the file to apply. */
export function copyExample(folder, change) {
  mkdirSync(folder, { recursive: true })
  cpSync(example, folder, { recursive: true, filter: (path) => !/\.mjs$|__pycache__/.test(path) })
  const file = join(folder, 'mainstay.yaml')
  const document = parseDocument(readFileSync(file, 'utf8'))
  change(document)
  writeFileSync(file, document.toString({ lineWidth: 0 }))
  return file
}
