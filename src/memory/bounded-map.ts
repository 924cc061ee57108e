/**
 * Bounded maps and lists: the entry that was put in first leaves first.
 *
 * A map keeps the places of entries that left until it is built anew, and a walk from its beginning passes all of them:
 * 10 microseconds in a map of 16,384 entries. So the walk of each map goes on where it ended.
 */

interface Walk {
  readonly keys: Iterator<unknown>
  /** where it stands: asked for, and not deleted yet; null: it goes on */
  at: IteratorResult<unknown> | null
}

const walks = new WeakMap<ReadonlyMap<unknown, unknown>, Walk>()

/**
 * The key that was set first, until `deleteOldest` deletes it: whoever asks deletes it by nothing else. Undefined where
 * the map is empty.
 */
export function oldestKey<K>(map: ReadonlyMap<K, unknown>): K | undefined {
  let walk = walks.get(map)
  let at = walk?.at ?? walk?.keys.next()
  if (walk === undefined || at === undefined || at.done) {
    // a walk that has reached the end does not see what is set later
    walk = { keys: map.keys(), at: null }
    walks.set(map, walk)
    at = walk.keys.next()
    if (at.done) return undefined
  }
  walk.at = at
  return at.value as K
}

/** Deletes the entry that was set first, and gives its value; undefined where the map is empty. */
export function deleteOldest<K, V>(map: Map<K, V>): V | undefined {
  const key = oldestKey(map)
  if (key === undefined) return undefined
  walks.get(map)!.at = null
  const value = map.get(key)
  map.delete(key)
  return value
}

/** The list with one more, without its first ones if there are more than `max`. */
export function withLatest<T>(list: readonly T[], value: T, max: number): readonly T[] {
  return appended(list.length < max ? list : list.slice(list.length - max + 1), value)
}

/**
 * The list with one more, and no room for others: `push` makes some, 100 bytes a list. Most lists are short, and these
 * cost a sixth of what `concat` takes, which is no part of what V8 optimises.
 */
export function appended<T>(list: readonly T[], value: T): readonly T[] {
  switch (list.length) {
    case 0:
      return [value]
    case 1:
      return [list[0]!, value]
    case 2:
      return [list[0]!, list[1]!, value]
    case 3:
      return [list[0]!, list[1]!, list[2]!, value]
    default:
      return list.concat([value])
  }
}
