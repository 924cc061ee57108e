/**
 * Types for the part of `buffer-layout` 1.2 that this folder uses (the package has none of its own). A structure's type
 * follows from its fields: `struct([u16('Len')]).decode(buffer)` is `{ Len: number }`.
 */
declare module 'buffer-layout' {
  export interface Layout<Name extends string, Value> {
    readonly property: Name
    /** bytes, or -1 where the length depends on the data */
    readonly span: number
    /** Throws a RangeError past the end of `buffer`. */
    decode(buffer: Buffer, offset?: number): Value
  }

  type Fields = readonly Layout<string, unknown>[]
  type Structure<F extends Fields> = {
    readonly [P in F[number] as P['property']]: P extends Layout<string, infer Value> ? Value : never
  }

  export function u8<Name extends string>(property: Name): Layout<Name, number>
  export function u16<Name extends string>(property: Name): Layout<Name, number>
  export function u32<Name extends string>(property: Name): Layout<Name, number>
  /** A view into the buffer, not a copy. */
  export function blob<Name extends string>(length: number, property: Name): Layout<Name, Buffer>
  export function struct<const F extends Fields, Name extends string = ''>(
    fields: F,
    property?: Name,
  ): Layout<Name, Structure<F>>
}
