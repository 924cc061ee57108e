/** Which thread has a conversation. */
import { describe, expect, it } from 'vitest'
import { radius } from '../../../decoders/carriers/radius.ts'
import { smb } from '../../../decoders/carriers/smb/smb.ts'
import { Division } from '../../../src/reading/division.ts'
import { Standalone } from '../../../src/stream/conversation.ts'

function conversation(client: string, port: number): Standalone {
  const ends = { protocol: 6, lowAddress: '10.0.0.1', highAddress: client, lowPort: 445, highPort: port }
  return new Standalone(ends, 0, 1)
}

describe('conversations are divided by client', () => {
  it('all of a client to one part, clients to all parts', () => {
    const division = new Division(2)
    const parts = [0, 0]
    for (let host = 0; host < 400; host++) {
      const client = `10.0.${host >> 8}.${host & 255}`
      const part = division.partOf(conversation(client, 50_000), smb)
      for (let port = 50_001; port < 50_004; port++) expect(division.partOf(conversation(client, port), smb)).toBe(part)
      parts[part]!++
    }
    expect(Math.min(...parts)).toBeGreaterThan(100)
  })

  it('what several conversations carry together to the first one', () => {
    const division = new Division(2)
    for (let host = 2; host < 40; host++)
      expect(division.partOf(conversation(`10.0.0.${host}`, 50_000), radius)).toBe(0)
  })

  it('as many as were asked for to the first one before', () => {
    const division = new Division(2, 30)
    const parts = Array.from({ length: 90 }, (_, host) => division.partOf(conversation(`10.0.1.${host}`, 50_000), smb))
    expect(parts.slice(0, 30).every((part) => part === 0)).toBe(true)
    expect(parts.includes(1)).toBe(true)
  })

  it('all to one more once they are joined, what was open before too', () => {
    for (const joinedFrom of [undefined, 20]) {
      const division = new Division(2, 0, () => true, joinedFrom)
      const before = Array.from({ length: 20 }, (_, host) => {
        expect(division.isToJoin).toBe(false)
        return division.partOf(conversation(`10.0.1.${host}`, 50_000), smb)
      })
      expect(division.begun).toBe(2)
      if (joinedFrom === undefined) division.shorten()
      expect(division.isToJoin).toBe(true)
      expect(before.map((part) => division.placeOf(part))).toEqual(before)
      division.join()
      expect(division.isToJoin).toBe(false)
      expect(division.begun).toBe(3)
      const all = [...before, division.partOf(conversation('10.0.1.7', 50_001), smb)]
      expect(all.every((part) => division.placeOf(part) === 2)).toBe(true)
    }
  })

  it('all to the one that there is where nobody else dissects', () => {
    const division = new Division(0)
    expect([division.isToJoin, division.begun]).toEqual([false, 1])
    expect(division.placeOf(division.partOf(conversation('10.0.1.7', 50_001), smb))).toBe(0)
  })

  it('all to the first one where there is no room for others', () => {
    for (const room of [true, false]) {
      let asked = 0
      const division = new Division(2, 30, () => {
        asked++
        return room
      })
      for (let host = 0; host < 30; host++) division.partOf(conversation(`10.0.1.${host}`, 50_000), smb)
      expect(division.begun).toBe(room ? 2 : 1)
      const parts = Array.from({ length: 60 }, (_, host) =>
        division.partOf(conversation(`10.0.2.${host}`, 50_000), smb),
      )
      expect(parts.includes(1)).toBe(room)
      expect(asked).toBe(1)
    }
  })
})
