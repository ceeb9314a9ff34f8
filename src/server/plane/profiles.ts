import type { SegmentProfile } from '../../contract/plane.ts'
import type { Cell, Column } from '../../contract/signature.ts'
import {
  addValue,
  emptyProfile,
  type CellValue,
  type ColumnProfile,
  type ReferenceColumn,
} from '../../stats/profile.ts'

/** Frozen reference by column name, inputs and outputs together. */
export type References = Record<string, ReferenceColumn>

const HOUR = 3_600_000

interface Slot {
  profile: ColumnProfile
  reference: ReferenceColumn
  index: number
}

/** Reads cell `index` of the row at hand. */
type CellReader = (index: number) => CellValue

/** What the columns of one variant need to be counted. */
export interface ProfileSubject {
  model: string
  version: number
  variant: string
  inputs: Column[]
  outputs: Column[]
  references: References | null
}

class HourProfile {
  rows = 0
  errors = 0
  readonly inputs: Slot[]
  readonly outputs: Slot[]

  constructor(subject: ProfileSubject) {
    this.inputs = slotsOf(subject.inputs, subject.references)
    this.outputs = slotsOf(subject.outputs, withPrediction(subject))
  }
}

/** Training scripts call what the model answers `prediction`, whatever the graph calls it. */
function withPrediction({ outputs, references }: ProfileSubject): References | null {
  const [answer] = outputs
  if (!references?.['prediction'] || !answer) return references
  return { [answer.name]: references['prediction'], ...references }
}

function slotsOf(columns: Column[], references: References | null): Slot[] {
  const slots: Slot[] = []
  for (const [index, column] of columns.entries()) {
    const reference = references && Object.hasOwn(references, column.name) ? references[column.name] : undefined
    if (reference) slots.push({ profile: emptyProfile(reference), reference, index })
  }
  return slots
}

function count(slots: Slot[], read: CellReader): void {
  for (const slot of slots) addValue(slot.profile, slot.reference, read(slot.index))
}

/** Profiles of one segment of one endpoint: exactly its rows, by version, hour of event time and kind. */
export class SegmentProfiles {
  readonly #profiles = new Map<ProfileSubject, Map<string, HourProfile>>()
  #lastSubject: ProfileSubject | undefined
  #lastKey = ''
  #last: HourProfile | undefined

  add(
    subject: ProfileSubject,
    kind: 'live' | 'shadow',
    time: number,
    isError: boolean,
    input: CellReader,
    output: CellReader,
  ): void {
    const profile = this.#find(subject, kind, Math.floor(time / HOUR) * HOUR)
    profile.rows++
    if (isError) profile.errors++
    count(profile.inputs, input)
    // A failed row has no prediction; its error is counted, not a missing output.
    if (!isError) count(profile.outputs, output)
  }

  #find(subject: ProfileSubject, kind: 'live' | 'shadow', hour: number): HourProfile {
    const key = `${kind} ${hour}`
    if (this.#last && subject === this.#lastSubject && key === this.#lastKey) return this.#last
    let hours = this.#profiles.get(subject)
    if (!hours) this.#profiles.set(subject, (hours = new Map()))
    let profile = hours.get(key)
    if (!profile) hours.set(key, (profile = new HourProfile(subject)))
    this.#lastSubject = subject
    this.#lastKey = key
    this.#last = profile
    return profile
  }

  toMeta(): SegmentProfile[] {
    const metas: SegmentProfile[] = []
    for (const [subject, hours] of this.#profiles) {
      for (const [key, profile] of hours) {
        const [kind, hour] = key.split(' ')
        metas.push({
          model: subject.model,
          version: subject.version,
          variant: subject.variant,
          kind: kind === 'shadow' ? 'shadow' : 'live',
          hour: Number(hour),
          rows: profile.rows,
          errors: profile.errors,
          columns: byName(profile.inputs, subject.inputs),
          outputs: byName(profile.outputs, subject.outputs),
        })
      }
    }
    return metas
  }
}

function byName(slots: Slot[], columns: Column[]): Record<string, ColumnProfile> {
  return Object.fromEntries(slots.map((slot) => [columns[slot.index]?.name ?? '', slot.profile]))
}

/** Cells of a row that was read back from a segment. */
export const cellReader =
  (columns: Column[], cells: Record<string, Cell>): CellReader =>
  (index) =>
    cells[columns[index]?.name ?? ''] ?? null
