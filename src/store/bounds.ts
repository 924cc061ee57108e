/** How much the store holds in memory at a time, and how long it waits: each with its reason. */
export const STORE_LIMITS = {
  /** the writer holds whole columns of a group: a load has 230 MiB at 2,500 rows, 280 at 5,000, 510 at 50,000 */
  rowGroupRows: 2_500,
  /** rows of all open files that wait for their group: 3 kB each */
  waitingRows: 10_000,
  /** rows that are settled at a time */
  batchRows: 2_500,
  /** days that have an open file; a report of many months comes in the order of its days */
  openFiles: 8,
  /** rows of this load that later ones are compared with in memory: what lives is what collecting garbage costs */
  recentRows: 10_000,
  /** exchanges of a load that are explained by what other sensors saw, and refusals of KDCs that explain others */
  unexplainedRows: 20_000,
  refusals: 20_000,
  /** of what time is asked at once what KDCs were asked: a day of a large site is some hundred thousand rows */
  askedMicros: 86_400e6,
  /**
   * two halves of one authentication in two files: an NTLM logon waits so long for its explanation, and nobody's
   * password prompt longer
   */
  halvesMicros: 900e6,
  /** clocks of two sensors may differ so much: beyond that the same flow is another one */
  clocksMicros: 5e6,
  /** a conversation of Community ID and time is looked for so far around */
  aroundMicros: 3600e6,
  /** a lock of a process that is not seen to live is taken away after this */
  lockMillis: 600_000,
  /** what a killed load left is removed after this, where its process cannot be asked */
  orphanMillis: 86_400_000,
} as const
