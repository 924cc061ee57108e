/** Types for the part of `benchmark` that the benches use. */
declare module 'benchmark' {
  export interface Deferred {
    resolve(): void
  }
  export interface Bench {
    readonly stats: { readonly mean: number; readonly rme: number; readonly sample: readonly number[] }
    readonly error?: Error
  }
  export interface Options {
    readonly defer?: boolean
    readonly async?: boolean
    readonly minSamples?: number
    readonly maxTime?: number
    readonly onComplete?: () => void
  }
  const Benchmark: new (
    name: string,
    run: ((deferred: Deferred) => void) | (() => void),
    options?: Options,
  ) => Bench & {
    run(options?: { readonly async?: boolean }): unknown
  }
  export default Benchmark
}
