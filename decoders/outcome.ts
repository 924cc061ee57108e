/**
 * The answer of every decoder: a value, a fault, or both (a value read as far as the bytes went, and what stopped it).
 * Malformed input is a value here, never an exception. Nothing in this folder throws.
 */

/** Why a decoder could not read all of its bytes. A closed list, counted one by one in the tally. */
export type FaultReason =
  /** the bytes end before the structure does (snap length, lost segment) */
  | 'cut'
  /** a length, tag or offset contradicts the structure */
  | 'malformed'
  /** one of our own limits was reached (depth, count) */
  | 'limit'
  /** recognised, but a form that this decoder does not read */
  | 'unsupported'

export interface Fault {
  readonly reason: FaultReason
  /** the field that could not be read, by its name in the specification: `AUTHENTICATE_MESSAGE.UserName` */
  readonly where: string
}

export type Outcome<T> = Read<T> | Failed

/** `fault` is null when every byte made sense; otherwise `value` holds what was read before it. */
export interface Read<T> {
  readonly value: T
  readonly fault: Fault | null
}

export interface Failed {
  readonly value: null
  readonly fault: Fault
}

export function read<T>(value: T, fault: Fault | null = null): Read<T> {
  return { value, fault }
}

export function failed(reason: FaultReason, where: string): Failed {
  return { value: null, fault: { reason, where } }
}
