import { expect, test } from 'vitest'
import { directEdges, lanesOf } from './dag-edges.ts'

test('an edge that a longer way implies is not drawn', () => {
  const chain = [
    ['load', 'train'],
    ['train', 'gate'],
    ['gate', 'refit'],
  ] as const
  expect(directEdges([...chain, ['load', 'refit'], ['train', 'refit']])).toEqual(chain)
  const diamond = [
    ['load', 'train'],
    ['load', 'test'],
    ['train', 'gate'],
    ['test', 'gate'],
  ] as const
  expect(directEdges(diamond)).toEqual(diamond)
})

test('the widest rank says how many lanes there are', () => {
  expect(
    lanesOf(
      ['a', 'b', 'c'],
      [
        ['a', 'b'],
        ['b', 'c'],
      ],
    ),
  ).toBe(1)
  expect(
    lanesOf(
      ['a', 'b', 'c', 'd'],
      [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'd'],
      ],
    ),
  ).toBe(2)
})
