import { expect, it } from 'vitest'
import { isIn, NO_ONE, sizeOf, withOne } from '../../../../src/memory/compact/small-set.ts'

it('holds a few texts and many', () => {
  let set = NO_ONE
  for (let at = 0; at < 50; at++) {
    expect(isIn(set, `10.0.0.${at}`)).toBe(false)
    set = withOne(set, `10.0.0.${at}`)
    expect(sizeOf(set)).toBe(at + 1)
    for (let before = 0; before <= at; before++) expect(isIn(set, `10.0.0.${before}`)).toBe(true)
  }
  expect(sizeOf(NO_ONE)).toBe(0)
})
