/** How Windows writes identifiers: GUID and SID as text (MS-DTYP 2.3.4.3, 2.4.2.1). */

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
