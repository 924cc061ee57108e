/**
 * The table of connections: the entry of a segment, its place in the list of ages, and a new one where there is room.
 * src/stream/table.ts has the same, and makes room.
 */
import {
  BUCKET_SHIFT,
  BUCKETS,
  CONTROL,
  ENTRY_WORDS,
  HIGH_0,
  LOW_0,
  NEWER,
  NEXT_IN_BUCKET,
  OLDER,
  PORTS,
  PROTOCOL_MASK,
  SECOND,
  SECRET_PROTOCOL,
  SECRETS,
  STATE,
  TABLE,
  TABLE_CAPACITY,
  TABLE_COUNT,
  TABLE_FREE,
  TABLE_MAX,
  TABLE_NEWEST,
  TABLE_OLDEST,
  TABLE_USED,
} from '../src/engine/layout'
import {
  destination0,
  destination1,
  destination2,
  destination3,
  destinationPort,
  source0,
  source1,
  source2,
  source3,
  sourcePort,
} from './segment'

/** the segment travels from the low to the high endpoint */
export let fromLow: bool = false
/** of what `find` has looked for last */
let hash: u32 = 0

export function entryOf(index: i32): usize {
  return TABLE + <usize>index * (ENTRY_WORDS << 2)
}

/** The entry of the segment's connection, now the youngest; -1: it has none. */
export function find(protocol: u32, second: i32): i32 {
  const low = sourceIsLow()
  fromLow = low
  const low3 = low ? source3 : destination3
  const high3 = low ? destination3 : source3
  const ports = low ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort
  let low0: u32 = 0
  let low1: u32 = 0
  let low2: u32 = 0xffff
  let high0: u32 = 0
  let high1: u32 = 0
  let high2: u32 = 0xffff
  hash = mixed(low3, 0) + mixed(high3, 2) + mixed(ports, 4) + protocol * load<u32>(SECRETS, SECRET_PROTOCOL << 2)
  if (!bothMapped()) {
    low0 = low ? source0 : destination0
    low1 = low ? source1 : destination1
    low2 = low ? source2 : destination2
    high0 = low ? destination0 : source0
    high1 = low ? destination1 : source1
    high2 = low ? destination2 : source2
    hash += mixed(low0, 6) + mixed(low1, 8) + mixed(low2, 10) + mixed(high0, 12) + mixed(high1, 14) + mixed(high2, 16)
  }
  const bucket = BUCKETS + ((<usize>(hash >>> load<u32>(CONTROL, BUCKET_SHIFT << 2))) << 2)
  let index = load<i32>(bucket) - 1
  while (index >= 0) {
    const entry = entryOf(index)
    if (
      load<u32>(entry, (LOW_0 + 3) << 2) === low3 &&
      load<u32>(entry, (HIGH_0 + 3) << 2) === high3 &&
      load<u32>(entry, PORTS << 2) === ports &&
      (load<u32>(entry, STATE << 2) & PROTOCOL_MASK) === protocol &&
      load<u32>(entry, (LOW_0 + 2) << 2) === low2 &&
      load<u32>(entry, (HIGH_0 + 2) << 2) === high2 &&
      load<u32>(entry, (LOW_0 + 1) << 2) === low1 &&
      load<u32>(entry, (HIGH_0 + 1) << 2) === high1 &&
      load<u32>(entry, LOW_0 << 2) === low0 &&
      load<u32>(entry, HIGH_0 << 2) === high0
    ) {
      if (load<i32>(entry, SECOND << 2) !== second) {
        store<i32>(entry, second, SECOND << 2)
        makeNewest(index, entry)
      }
      return index
    }
    index = load<i32>(entry, NEXT_IN_BUCKET << 2)
  }
  return -1
}

/** The entry of the connection that `find` has just not found, NEW and the youngest; -1: there is no room for it. */
export function make(protocol: u32, second: i32): i32 {
  if (load<i32>(CONTROL, TABLE_COUNT << 2) >= load<i32>(CONTROL, TABLE_MAX << 2)) return -1
  let index = load<i32>(CONTROL, TABLE_FREE << 2)
  if (index >= 0) store<i32>(CONTROL, load<i32>(entryOf(index), NEXT_IN_BUCKET << 2), TABLE_FREE << 2)
  else {
    index = load<i32>(CONTROL, TABLE_USED << 2)
    if (index === load<i32>(CONTROL, TABLE_CAPACITY << 2)) return -1
    store<i32>(CONTROL, index + 1, TABLE_USED << 2)
  }
  const entry = entryOf(index)
  const low = fromLow
  store<u32>(entry, low ? source0 : destination0, LOW_0 << 2)
  store<u32>(entry, low ? source1 : destination1, (LOW_0 + 1) << 2)
  store<u32>(entry, low ? source2 : destination2, (LOW_0 + 2) << 2)
  store<u32>(entry, low ? source3 : destination3, (LOW_0 + 3) << 2)
  store<u32>(entry, low ? destination0 : source0, HIGH_0 << 2)
  store<u32>(entry, low ? destination1 : source1, (HIGH_0 + 1) << 2)
  store<u32>(entry, low ? destination2 : source2, (HIGH_0 + 2) << 2)
  store<u32>(entry, low ? destination3 : source3, (HIGH_0 + 3) << 2)
  store<u32>(entry, low ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort, PORTS << 2)
  store<i32>(entry, second, SECOND << 2)
  store<u32>(entry, protocol, STATE << 2)
  const bucket = BUCKETS + ((<usize>(hash >>> load<u32>(CONTROL, BUCKET_SHIFT << 2))) << 2)
  store<i32>(entry, load<i32>(bucket) - 1, NEXT_IN_BUCKET << 2)
  store<i32>(bucket, index + 1)
  const newest = load<i32>(CONTROL, TABLE_NEWEST << 2)
  store<i32>(entry, newest, OLDER << 2)
  store<i32>(entry, -1, NEWER << 2)
  if (newest >= 0) store<i32>(entryOf(newest), index, NEWER << 2)
  else store<i32>(CONTROL, index, TABLE_OLDEST << 2)
  store<i32>(CONTROL, index, TABLE_NEWEST << 2)
  store<i32>(CONTROL, load<i32>(CONTROL, TABLE_COUNT << 2) + 1, TABLE_COUNT << 2)
  return index
}

/**
 * Two halves of 16 bits, each with a secret multiplier of its own: multiply and shift, of which nobody finds collisions
 * who does not know the secrets.
 */
function mixed(word: u32, at: usize): u32 {
  const secrets = SECRETS + (at << 2)
  return (word & 0xffff) * load<u32>(secrets) + (word >>> 16) * load<u32>(secrets, 4)
}

/** IPv4, or IPv6 addresses that stand for it as far as the words 0 to 2 go. */
function bothMapped(): bool {
  return (source0 | source1 | destination0 | destination1) === 0 && source2 === 0xffff && destination2 === 0xffff
}

function sourceIsLow(): bool {
  if (source3 !== destination3 && source2 === 0xffff && destination2 === 0xffff) return source3 < destination3
  if (source0 !== destination0) return source0 < destination0
  if (source1 !== destination1) return source1 < destination1
  if (source2 !== destination2) return source2 < destination2
  if (source3 !== destination3) return source3 < destination3
  return sourcePort <= destinationPort
}

function makeNewest(index: i32, entry: usize): void {
  const newest = load<i32>(CONTROL, TABLE_NEWEST << 2)
  if (newest === index) return
  const older = load<i32>(entry, OLDER << 2)
  const newer = load<i32>(entry, NEWER << 2)
  if (older >= 0) store<i32>(entryOf(older), newer, NEWER << 2)
  else store<i32>(CONTROL, newer, TABLE_OLDEST << 2)
  store<i32>(entryOf(newer), older, OLDER << 2)
  store<i32>(entry, newest, OLDER << 2)
  store<i32>(entry, -1, NEWER << 2)
  store<i32>(entryOf(newest), index, NEWER << 2)
  store<i32>(CONTROL, index, TABLE_NEWEST << 2)
}
