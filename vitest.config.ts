import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // each is one process that hardly waits: a core less, as is usual, is half of two
    maxWorkers: availableParallelism(),
  },
})
