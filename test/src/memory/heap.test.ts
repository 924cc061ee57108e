import { once } from 'node:events'
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { holdYoung, memoryKeeper } from '../../../src/memory/heap.ts'

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

/** Collections that the keeper asked for, of the whole heap. */
async function forced(work: () => void): Promise<number> {
  let count = 0
  const { NODE_PERFORMANCE_GC_MAJOR: whole, NODE_PERFORMANCE_GC_FLAGS_FORCED: asked } = constants
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as unknown as { detail: { kind: number; flags: number } }[])
      if (detail.kind === whole && (detail.flags & asked) !== 0) count++
  })
  observer.observe({ entryTypes: ['gc'] })
  work()
  await setTimeout(50)
  observer.disconnect()
  return count
}

it('collects sooner where the process holds much', async () => {
  let resident = 0
  const keep = memoryKeeper(1, () => resident)
  const kept: number[][] = []
  const grow = (bytes: number) => void kept.push(new Array<number>(bytes / 8).fill(7))
  grow(40e6)
  expect(await forced(keep)).toBe(1)
  grow(8e6)
  expect(await forced(keep)).toBe(0)
  resident = 250 * 2 ** 20
  expect(await forced(keep)).toBe(1)
  grow(2e6)
  expect(await forced(keep)).toBe(0)
  expect(kept.length).toBe(3)
})

it('holds the young generation after another thread has begun', async () => {
  const young = () => getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')!.space_size
  const keep = memoryKeeper()
  const kept: object[] = []
  const survive = () => {
    for (let at = 0; at < 400_000; at++) kept.push({ at: [at] })
    keep()
  }
  for (let round = 0; round < 8 && young() < 4 << 20; round++) survive()
  keep()
  const held = young()
  const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
  await once(worker, 'online')
  holdYoung()
  for (let round = 0; round < 4; round++) survive()
  expect(young()).toBeLessThanOrEqual(held)
  expect(kept.length).toBeGreaterThan(0)
  await worker.terminate()
})
