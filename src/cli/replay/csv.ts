/**
 * A CSV reader (RFC 4180: quoted fields, doubled quotes, line breaks inside quotes; LF or CRLF; a byte order mark is
 * skipped) that is fed piece by piece.
 */
export class CsvReader {
  readonly #onRow: (fields: string[]) => void
  #fields: string[] = []
  #field = ''
  #isQuoted = false
  #wasQuoted = false
  #isFirst = true

  constructor(onRow: (fields: string[]) => void) {
    this.#onRow = onRow
  }

  feed(chunk: string): void {
    let text = chunk
    if (this.#isFirst && text !== '') {
      this.#isFirst = false
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1)
    }
    for (let i = 0; i < text.length; i += 1) {
      const c = text.charAt(i)
      if (this.#isQuoted) {
        if (c === '"') {
          this.#isQuoted = false
          this.#wasQuoted = true
        } else this.#field += c
      } else if (c === '"') {
        // A quote right after a closing one is a quote of the text.
        if (this.#wasQuoted) this.#field += '"'
        this.#isQuoted = true
      } else if (c === ',') this.#endField()
      else if (c === '\n') this.#endRow()
      else if (c !== '\r') this.#field += c
    }
  }

  end(): void {
    if (this.#isQuoted) throw new Error('the CSV ends inside a quoted field')
    if (this.#field !== '' || this.#fields.length > 0 || this.#wasQuoted) this.#endRow()
  }

  #endField(): void {
    this.#fields.push(this.#field)
    this.#field = ''
    this.#wasQuoted = false
  }

  #endRow(): void {
    const isBlank = this.#fields.length === 0 && this.#field === '' && !this.#wasQuoted
    this.#endField()
    if (!isBlank) this.#onRow(this.#fields)
    this.#fields = []
  }
}

/** A small CSV, whole: one record a line, named by the head. */
export function parseCsv(text: string): Record<string, string>[] {
  let head: string[] | undefined
  const records: Record<string, string>[] = []
  const reader = new CsvReader((fields) => {
    if (head) records.push(Object.fromEntries(head.map((name, index) => [name, fields[index] ?? ''])))
    else head = fields
  })
  reader.feed(text)
  reader.end()
  return records
}
