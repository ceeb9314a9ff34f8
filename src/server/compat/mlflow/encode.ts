/** A double on the wire: NaN and the infinities are texts. */
export function double(value: number): number | string {
  return Number.isFinite(value) ? value : String(value)
}

/** Unset fields and empty lists are left out, as protobuf's JSON does. */
export function compact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null || (Array.isArray(value) && value.length === 0)) continue
    kept[name] = value
  }
  return kept
}
