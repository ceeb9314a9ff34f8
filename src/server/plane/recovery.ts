import type { SegmentMeta } from '../../contract/plane.ts'
import { recover, type Recovered } from '../platform/spool/recover.ts'
import type { RowWithSchema } from '../platform/spool/read.ts'
import type { RowSchema } from '../platform/spool/schema.ts'
import { EndpointTally } from './capture.ts'
import { readReferences, type Places } from './objects.ts'
import { cellReader, type ProfileSubject } from './profiles.ts'

interface Known {
  subject: ProfileSubject
  tally: EndpointTally
}

export interface Killed {
  folder: string
  replica: string
  /** Sequence of its last segment. */
  newest: number
  /** Of objects. */
  places: Places
}

/** What recovery tells the plane that goes on. */
export interface RecoveryEvents {
  sealed(segment: Recovered): void
  /** Largest event time of a live row by endpoint. */
  times(maxTimes: Map<string, number>): void
  failed(error: unknown): void
}

const AGAIN_MS = 5000

/**
 * Seals the segments of a killed plane with profiles computed again from their rows. What cannot be sealed now (a full
 * disk) is tried again every few seconds; it must not keep the plane from serving.
 */
export async function recoverSegments(killed: Killed, events: RecoveryEvents): Promise<void> {
  const { folder, replica, newest, places } = killed
  const maxTimes = new Map<string, number>()
  try {
    const segments = await recover(folder, newest, (sequence, bytes, rows) =>
      describe(replica, sequence, bytes, rows, places, maxTimes),
    )
    for (const segment of segments) events.sealed(segment)
  } catch (error) {
    events.failed(error)
    setTimeout(() => void recoverSegments(killed, events), AGAIN_MS).unref()
  }
  events.times(maxTimes)
}

async function describe(
  replica: string,
  sequence: number,
  bytes: number,
  rows: Iterable<RowWithSchema>,
  places: Places,
  maxTimes: Map<string, number>,
): Promise<SegmentMeta> {
  const tallies = new Map<string, EndpointTally>()
  const known = new Map<RowSchema, Known>()
  let count = 0
  for (const item of rows) {
    let found = known.get(item.schema)
    if (!found) known.set(item.schema, (found = await prepare(item.schema, tallies, places)))
    tallyRow(item, found, maxTimes)
    count++
  }
  const endpoints = [...tallies].map(([name, tally]) => tally.toMeta(name))
  return { replica, sequence, rows: count, bytes, sealedAt: Date.now(), endpoints }
}

async function prepare(schema: RowSchema, tallies: Map<string, EndpointTally>, places: Places): Promise<Known> {
  let tally = tallies.get(schema.endpoint)
  if (!tally) tallies.set(schema.endpoint, (tally = new EndpointTally()))
  // A reference that has gone since leaves the rows without histograms; the rows themselves are what matters.
  const references = await readReferences(schema.referenceUrl, schema.referenceDigest, places).catch(() => null)
  const { model, version, variant, inputs, outputs } = schema
  return { tally, subject: { model, version, variant, inputs, outputs, references } }
}

function tallyRow({ row, schema }: RowWithSchema, { tally, subject }: Known, maxTimes: Map<string, number>): void {
  const time = row.eventTime ?? row.arrival
  tally.rows++
  tally.minTime = Math.min(tally.minTime, time)
  tally.maxTime = Math.max(tally.maxTime, time)
  if (row.kind === 'playground') return
  const monitored = schema.clock === 'event' ? row.eventTime : row.arrival
  if (monitored === null) return
  if (row.kind === 'live') {
    maxTimes.set(schema.endpoint, Math.max(monitored, maxTimes.get(schema.endpoint) ?? -Infinity))
    tally.watermark = Math.max(tally.watermark ?? -Infinity, monitored - schema.allowedLatenessMs)
  }
  const { inputs, outputs } = schema
  tally.profiles.add(
    subject,
    row.kind,
    monitored,
    row.status === 'error',
    cellReader(inputs, row.inputs),
    cellReader(outputs, row.outputs),
  )
}
