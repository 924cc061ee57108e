/**
 * How Windows writes times and identifiers: FILETIME, SYSTEMTIME, GUID, SID (MS-DTYP 2.3.3, 2.3.13, 2.3.4.3, 2.4.2.1).
 */

/** `{54849625-5478-4994-A5BA-3E3B0328C30D}`; 16 bytes must be there. */
export function windowsGuid(bytes: Buffer, at: number): string {
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0')
  const head = `${hex(bytes.readUInt32LE(at), 8)}-${hex(bytes.readUInt16LE(at + 4), 4)}-${hex(bytes.readUInt16LE(at + 6), 4)}`
  return `{${head}-${bytes.toString('hex', at + 8, at + 10)}-${bytes.toString('hex', at + 10, at + 16)}}`.toUpperCase()
}

/** `S-1-5-21-...`; '' where the bytes are none. */
export function windowsSid(bytes: Buffer, at: number, size: number): string {
  const count = size >= 8 ? bytes[at + 1]! : 0
  if (size < 8 || count > SUBAUTHORITIES_MAX || size < 8 + 4 * count) return ''
  let text = `S-${bytes[at]}-${bytes.readUIntBE(at + 2, 6)}`
  for (let i = 0; i < count; i++) text += `-${bytes.readUInt32LE(at + 8 + 4 * i)}`
  return text
}

const SUBAUTHORITIES_MAX = 15

/** 100 nanoseconds from 1601 to 1970 */
const FILETIME_EPOCH = 116_444_736_000_000_000n

/** FILETIME as microseconds since 1970. */
export function fileTimeMicros(fileTime: bigint): number {
  return Number((fileTime - FILETIME_EPOCH) / 10n)
}

/** FILETIME with seven digits of a second, as Windows writes it; a date that nobody can mean is ''. */
export function fileTimeText(fileTime: bigint): string {
  const ticks = fileTime - FILETIME_EPOCH
  const seconds = Number(ticks / 10_000_000n)
  if (ticks < 0n || seconds > SECONDS_MAX) return ''
  const fraction = String(ticks % 10_000_000n).padStart(7, '0')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`
}

/** SYSTEMTIME (MS-DTYP 2.3.13); 16 bytes must be there. */
export function systemTimeText(bytes: Buffer, at: number): string {
  const part = (index: number, width: number) => String(bytes.readUInt16LE(at + 2 * index)).padStart(width, '0')
  return `${part(0, 4)}-${part(1, 2)}-${part(3, 2)}T${part(4, 2)}:${part(5, 2)}:${part(6, 2)}.${part(7, 3)}Z`
}

const SECONDS_MAX = 32_503_680_000

/** ISO 8601 text in UTC, with up to nine digits of a second, as microseconds since 1970; NaN: it is none. */
export function microsOf(text: string): number {
  const parts = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim())
  if (parts === null) return Number.NaN
  const [, day, clock, fraction = '', zone = 'Z'] = parts
  const millis = Date.parse(`${day}T${clock}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`)
  return millis * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}
