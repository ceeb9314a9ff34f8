import { expect, test } from 'vitest'
import {
  alike,
  asSentence,
  count,
  day,
  duration,
  given,
  interval,
  number,
  percent,
  plain,
  relative,
  signed,
  size,
  spanOf,
  tick,
} from './format.ts'

test('measured numbers keep their significant zeros, given numbers do not', () => {
  expect([31, 42.04, 0.05, 0.8714, 1234.5, -2.7].map((value) => number(value))).toEqual([
    '31.0',
    '42.0',
    '0.0500',
    '0.871',
    '1,235',
    '−2.70',
  ])
  expect([0.05, 6, 400, 0.001, -40, 1e-5, -2e-7].map((value) => given(value))).toEqual([
    '0.05',
    '6',
    '400',
    '0.001',
    '−40',
    '0.00001',
    '−2e−7',
  ])
})

test('a missing number is a dash, never a zero', () => {
  expect([number(null), count(undefined), percent(Number.NaN), size(null), duration(null), given(undefined)]).toEqual(
    Array(6).fill('—'),
  )
  expect(interval(27.9, null)).toBe('27.9 – —')
})

test('counts, shares and sizes are written as the guide says', () => {
  expect(count(12_431)).toBe('12,431')
  expect([percent(0.25), percent(0.008), percent(1)]).toEqual(['25 %', '0.8 %', '100 %'])
  expect([size(512), size(1_200_000_000), size(4_100_000), size(41e9)]).toEqual(['512 B', '1.2 GB', '4.1 MB', '41 GB'])
  expect([signed(3.1, number(3.1)), signed(-0.4, number(-0.4))]).toEqual(['+3.10', '−0.400'])
})

test('durations name at most two units', () => {
  expect(
    [0.41, 400, 1200, 21_000, 59_700, 64_000, 720_000, 4_320_000, 3 * 86_400_000].map((ms) => duration(ms)),
  ).toEqual(['0.41 ms', '0.4 s', '1.2 s', '21 s', '1 min', '1 min 4 s', '12 min', '1 h 12 min', '3 days'])
})

test('times are relative for a week and then a day, with the year when it is another', () => {
  const now = new Date('2026-05-20T12:00:00Z')
  const ago = (ms: number): string => relative(new Date(now.getTime() - ms), now)
  expect([
    ago(0),
    ago(120_000),
    ago(5 * 3_600_000),
    ago(30 * 3_600_000),
    ago(3 * 86_400_000),
    ago(18 * 86_400_000),
  ]).toEqual(['now', '2 min ago', '5 h ago', 'yesterday', '3 days ago', '2 May'])
  expect(relative(new Date(now.getTime() + 3_600_000), now)).toBe('in 1 h')
  expect(day('2011-05-02T00:00:00Z', now)).toBe('2 May 2011')
})

test('ticks say as much as tells them apart', () => {
  const midnight = Date.UTC(2011, 4, 2)
  expect([
    tick(midnight, 3_600_000),
    tick(midnight + 3_600_000, 3_600_000),
    tick(midnight, 86_400_000),
    tick(midnight, 366 * 86_400_000),
  ]).toEqual(['2 May', '01:00', '2 May', '2011'])
})

test('sentences of the server lose the ids that only machines read', () => {
  const id = 'act_01m7z4v4wyr7v9hbr28zq8nf2n'
  expect(plain(`Another action is in flight (${id}); one at a time.`)).toBe(
    'Another action is in flight; one at a time.',
  )
  expect(plain(`pipeline run ${id.replace('act', 'prun')}`)).toBe('pipeline run prun_q8nf2n')
  expect(asSentence('better: 0.25 against 0.39')).toBe('Better: 0.25 against 0.39.')
  expect(asSentence('v2 is better..')).toBe('v2 is better.')
})

test('a span says month and year once where both ends share them', () => {
  const span = (from: string, to: string) => spanOf({ from: Date.parse(from), to: Date.parse(to) })
  expect(span('2011-05-02', '2011-05-09')).toBe('2 – 8 May 2011')
  expect(span('2011-04-28', '2011-05-05')).toBe('28 Apr – 4 May 2011')
  expect(span('2011-12-28', '2012-01-04')).toBe('28 Dec 2011 – 3 Jan 2012')
  expect(span('2011-05-02', '2011-05-03')).toBe('2 May 2011')
})

test('the words of an axis have as many decimals each', () => {
  expect(alike(['0', '0.5', '1', '1.5'])).toEqual(['0', '0.5', '1.0', '1.5'])
  expect(alike(['−1', '0', '+0.25 %'])).toEqual(['−1.00', '0', '+0.25 %'])
  expect(alike(['0', '1,000', '2,000'])).toEqual(['0', '1,000', '2,000'])
})
