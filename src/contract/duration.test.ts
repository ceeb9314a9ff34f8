import { expect, test } from 'vitest'
import { Duration, toMs } from './duration.ts'

test.each([
  ['250ms', 250],
  ['30s', 30_000],
  ['1.5h', 5_400_000],
  ['1h30m', 5_400_000],
  ['7d', 604_800_000],
  ['0s', 0],
])('%s is %d milliseconds', (text, ms) => {
  expect(toMs(Duration.parse(text))).toBe(ms)
})

test.each(['soon', '', '5', 5, '5 m', '-1h', '1h 30m'])('%j is no duration', (value) => {
  expect(Duration.safeParse(value).success).toBe(false)
})
