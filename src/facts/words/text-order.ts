/** The order of texts wherever rows are sorted: that of their code units, the same on every system. */

/** Below, above or equal to zero, as `Array.prototype.sort` wants it. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
