import { getHeapStatistics } from 'node:v8'
import { expect, it } from 'vitest'
import { memoryKeeper } from '../../../src/memory/heap.ts'

const used = () => getHeapStatistics().used_heap_size

/** 160 MB of small arrays, dead when this returns. */
function garbage(): number {
  const kept: number[][] = []
  for (let i = 0; i < 200_000; i++) kept.push(new Array(100).fill(i))
  return kept.length
}

it('collects what is dead once there is much of it', () => {
  const keep = memoryKeeper()
  keep()
  const before = used()
  let made = 0
  let least = Number.POSITIVE_INFINITY
  for (let round = 0; round < 4; round++) {
    made += garbage()
    keep()
    least = Math.min(least, used() - before)
  }
  expect(made).toBe(800_000)
  expect(least).toBeLessThan(80e6)
})
