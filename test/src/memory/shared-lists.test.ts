import { expect, test } from 'vitest'
import { LIMITS } from '../../../src/memory/limits.ts'
import { SharedLists } from '../../../src/memory/shared-lists.ts'

test('the same names are one list, others are not', () => {
  const lists = new SharedLists()
  const first = lists.of(['NTLM', 'Negotiate'])
  expect(lists.of(['NTLM', 'Negotiate'])).toBe(first)
  expect(lists.of(['Negotiate', 'NTLM'])).toEqual(['Negotiate', 'NTLM'])
})

test('names that hold the blank that joins them are not taken for others', () => {
  const lists = new SharedLists()
  lists.of(['a b', 'c'])
  expect(lists.of(['a', 'b c'])).toEqual(['a', 'b c'])
  expect(lists.of(['a b c'])).toEqual(['a b c'])
})

test('more lists than there is room for stay as they are', () => {
  const lists = new SharedLists()
  for (let at = 0; at < LIMITS.sharedListsMax; at++) lists.of([`${at}`])
  const one = ['beyond']
  const two = ['beyond']
  expect(lists.of(one)).toBe(one)
  expect(lists.of(two)).toBe(two)
  expect(lists.of(['0'])).toEqual(['0'])
})
