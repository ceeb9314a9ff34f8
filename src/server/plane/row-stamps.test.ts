import { expect, test } from 'vitest'
import { readEventTimes } from './row-stamps.ts'

const arrival = Date.UTC(2026, 10, 28, 12)

test('an event time is RFC 3339 or milliseconds; what looks like seconds is refused by name', () => {
  const read = (header: string): number | number[] => readEventTimes(header, 1, arrival)
  expect(read('2026-11-28T11:00:00Z')).toBe(arrival - 3_600_000)
  expect(read(String(arrival - 1))).toBe(arrival - 1)
  expect(read('1958-03-01T00:00:00Z')).toBe(Date.UTC(1958, 2))
  expect(read('1970-01-15T00:00:00Z')).toBe(Date.UTC(1970, 0, 15))
  expect(() => read(String(arrival / 1000))).toThrow('looks like seconds; send milliseconds or RFC 3339')
  expect(() => readEventTimes(`${arrival},${arrival / 1000}`, 2, arrival)).toThrow('looks like seconds')
  expect(read('5000')).toBe(5000)
  for (const wrong of ['yesterday', '2026-11-28', '1e12', '-9999999999999', String(arrival + 400_000)])
    expect(() => read(wrong)).toThrow('event')
})
