import { describe, expect, it } from 'vitest'
import { TimeShare } from '../../../src/live/time-share.ts'

describe('a share of the time', () => {
  it('is never exceeded by more than one piece of work, however much there is to do', () => {
    let now = 0
    const share = new TimeShare(0.05, 20, () => now)
    let worked = 0
    for (let turn = 0; turn < 10_000; turn++) {
      now += 3
      share.spend((mayGoOn) => {
        for (let piece = 0; piece < 100 && mayGoOn(); piece++) {
          now += 0.2
          worked += 0.2
        }
      })
    }
    expect(worked / now).toBeGreaterThan(0.045)
    expect(worked).toBeLessThanOrEqual(now * 0.05 + 1 + 0.2)
  })

  it('is saved up to its bound where there is nothing to do', () => {
    let now = 0
    const share = new TimeShare(0.05, 20, () => now)
    expect(share.isAmple).toBe(false)
    now += 3_600_000
    expect(share.isAmple).toBe(true)
    let worked = 0
    share.spend((mayGoOn) => {
      while (mayGoOn()) {
        now++
        worked++
      }
    })
    expect(worked).toBe(20)
    expect(share.isAmple).toBe(false)
  })

  it('is never asked for where nobody has to wait', () => {
    let now = 0
    const share = new TimeShare(Number.POSITIVE_INFINITY, 20, () => now)
    let pieces = 0
    share.spend((mayGoOn) => {
      for (; pieces < 1000 && mayGoOn(); pieces++) now += 1e9
    })
    expect(pieces).toBe(1000)
    expect(share.isAmple).toBe(true)
  })
})
