/** Times of a zone, around the moments at which its clocks are changed, against what Intl prints of each by itself. */
import { describe, expect, it } from 'vitest'
import { zonedTime, zoneSteps } from '../../../src/questions/answerer.ts'

const ZONES = [
  'Europe/Berlin',
  'America/St_Johns',
  'Asia/Kathmandu',
  'Asia/Tokyo',
  'Australia/Lord_Howe',
  'Africa/Cairo',
]

describe('a time of a zone', () => {
  it('is the wall clock there, to the microsecond', () => {
    expect(zonedTime(Date.UTC(2026, 9, 25, 0, 59, 59, 999) * 1000 + 123, 'Europe/Berlin')).toBe(
      '2026-10-25T02:59:59.999123+02:00',
    )
    expect(zonedTime(Date.UTC(2026, 9, 25, 1) * 1000, 'Europe/Berlin')).toBe('2026-10-25T02:00:00.000000+01:00')
    expect(zonedTime(Date.UTC(2026, 0, 1) * 1000, 'UTC')).toBe('2026-01-01T00:00:00.000000Z')
  })

  it('is that of Intl through a year, whatever the zone', () => {
    for (const zone of ZONES) {
      const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
      // 17 minutes and a bit, so that all parts of a quarter come
      for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2027, 0, 1); at += 7_000_000 + 37_000)
        expect(
          zonedTime(at * 1000, zone)
            .slice(0, 19)
            .replace('T', ' '),
        ).toBe(format.format(at))
    }
  })

  it('says what it is before UTC', () => {
    const january = Date.UTC(2026, 0, 15) * 1000
    expect(ZONES.map((zone) => zonedTime(january, zone).slice(-6))).toEqual([
      ...['+01:00', '-03:30', '+05:45', '+09:00', '+11:00', '+02:00'],
    ])
  })

  it('has its steps at the second at which its clocks are changed', () => {
    const year = [Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)] as const
    const hours = (zone: string) => zoneSteps(zone, ...year)!.map(({ from, before }) => [from, before / 3_600_000])
    expect(hours('Europe/Berlin')).toEqual([
      [year[0], 1],
      [Date.UTC(2026, 2, 29, 1), 2],
      [Date.UTC(2026, 9, 25, 1), 1],
    ])
    expect(hours('Australia/Lord_Howe').map(([, before]) => before)).toEqual([11, 10.5, 11])
    expect(hours('Asia/Tokyo')).toEqual([[year[0], 9]])
    expect(hours('UTC')).toEqual([[year[0], 0]])
    expect(zoneSteps('Europe/Berlin', 0, Date.UTC(2026, 0, 1))).toBeNull()
  })
})
