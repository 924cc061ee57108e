/**
 * Who is who, whatever program wrote the capture.
 */
import { expect, it } from 'vitest'
import { exchangeIdentity, kdcUid } from '../../../src/facts/identity.ts'

it('a program that writes nanoseconds and one that writes microseconds tell of the same', () => {
  const nothing = { token: null, ticket: null }
  const identity = (start: number) => exchangeIdentity('1:flow', start, () => 0, nothing)
  expect(identity(1.8e15 + 0.75)).toEqual(identity(1.8e15))
  expect(identity(1.8e15 + 1)).not.toEqual(identity(1.8e15))
  expect(kdcUid('1:flow', 'AS', null, 1.8e15 + 0.75)).toEqual(kdcUid('1:flow', 'AS', null, 1.8e15))
})
