/**
 * Writes captures in every form that the readers know: pcap and pcapng, both byte orders, every packet block. For tests
 * only.
 */

export type ByteOrder = 'little' | 'big'

/** A packet to be written. `time` in microseconds since 1970; a fraction survives in nanosecond forms. */
export interface TestPacket {
  readonly time: number
  readonly bytes: Uint8Array
  /** bytes on the wire, if more than were captured */
  readonly original?: number
}

export interface PcapForm {
  readonly order?: ByteOrder
  readonly magic?: number
  readonly version?: readonly [major: number, minor: number]
  readonly snapLength?: number
  /** the whole field, with what stands above the link type */
  readonly linkType?: number
}

export const MICROSECOND_PCAP = 0xa1b2c3d4
export const NANOSECOND_PCAP = 0xa1b23c4d
export const MODIFIED_PCAP = 0xa1b2cd34

export function pcap(packets: readonly TestPacket[], form: PcapForm = {}): Uint8Array {
  const write = writer(form.order ?? 'little')
  const magic = form.magic ?? MICROSECOND_PCAP
  const [major, minor] = form.version ?? [2, 4]
  return joined([
    write.u32(magic),
    write.u16(major),
    write.u16(minor),
    write.u32(0),
    write.u32(0),
    write.u32(form.snapLength ?? 262_144),
    write.u32(form.linkType ?? 1),
    ...packets.map((packet) => pcapRecord(packet, form)),
  ])
}

export function pcapRecord(packet: TestPacket, form: PcapForm = {}): Uint8Array {
  const write = writer(form.order ?? 'little')
  const magic = form.magic ?? MICROSECOND_PCAP
  const seconds = Math.floor(packet.time / 1e6)
  const fraction = packet.time - seconds * 1e6
  const captured = packet.bytes.length
  const original = packet.original ?? captured
  const swapped = (form.version?.[1] ?? 4) < 4
  return joined([
    write.u32(seconds),
    write.u32(magic === NANOSECOND_PCAP ? Math.round(fraction * 1000) : fraction),
    write.u32(swapped ? original : captured),
    write.u32(swapped ? captured : original),
    magic === MODIFIED_PCAP ? joined([write.u32(3), write.u16(0x0800), new Uint8Array(2)]) : new Uint8Array(0),
    packet.bytes,
  ])
}

export interface InterfaceForm {
  readonly linkType?: number
  readonly snapLength?: number
  /** if_tsresol as it stands in the option */
  readonly resolution?: number
  /** if_tsoffset in seconds */
  readonly offset?: bigint
  /** if_filter: the text of a capture filter */
  readonly filter?: string
}

export interface PacketForm {
  readonly interfaceId?: number
  readonly resolution?: number
  readonly offset?: bigint
  /** options behind the packet */
  readonly comment?: string
  readonly dropCount?: bigint
}

/** The blocks of pcapng in one byte order. */
export function pcapngBlocks(order: ByteOrder) {
  const write = writer(order)
  const block = (type: number, ...body: Uint8Array[]): Uint8Array => {
    const padded = joined(body.map(pad))
    const length = write.u32(padded.length + 12)
    return joined([write.u32(type), length, padded, length])
  }
  const option = (code: number, value: Uint8Array) => joined([write.u16(code), write.u16(value.length), pad(value)])
  const end = option(0, new Uint8Array(0))
  const ticks = (time: number, form: PacketForm): Uint8Array => {
    const value = toTicks(time, form.resolution ?? 6, form.offset ?? 0n)
    return joined([write.u32(Number((value >> 32n) & 0xffffffffn)), write.u32(Number(value & 0xffffffffn))])
  }
  const lengths = (packet: TestPacket) =>
    joined([write.u32(packet.bytes.length), write.u32(packet.original ?? packet.bytes.length)])
  return {
    block,
    section: (sectionLength = -1n) =>
      block(
        0x0a0d0d0a,
        joined([write.u32(0x1a2b3c4d), write.u16(1), write.u16(0), write.u64(sectionLength)]),
        option(4, text('a test')),
        end,
      ),
    interface: (form: InterfaceForm = {}) =>
      block(
        1,
        joined([write.u16(form.linkType ?? 1), write.u16(0), write.u32(form.snapLength ?? 262_144)]),
        option(2, text('eth0')),
        form.resolution === undefined ? new Uint8Array(0) : option(9, Uint8Array.of(form.resolution)),
        form.offset === undefined ? new Uint8Array(0) : option(14, write.u64(form.offset)),
        form.filter === undefined ? new Uint8Array(0) : option(11, joined([Uint8Array.of(0), text(form.filter)])),
        end,
      ),
    enhanced: (packet: TestPacket, form: PacketForm = {}) =>
      block(
        6,
        write.u32(form.interfaceId ?? 0),
        ticks(packet.time, form),
        lengths(packet),
        packet.bytes,
        form.comment === undefined ? new Uint8Array(0) : option(1, text(form.comment)),
        form.dropCount === undefined ? new Uint8Array(0) : option(4, write.u64(form.dropCount)),
        form.comment === undefined && form.dropCount === undefined ? new Uint8Array(0) : end,
      ),
    simple: (packet: TestPacket) => block(3, write.u32(packet.original ?? packet.bytes.length), packet.bytes),
    obsolete: (packet: TestPacket, form: PacketForm = {}) =>
      block(
        2,
        joined([write.u16(form.interfaceId ?? 0), write.u16(0xffff)]),
        ticks(packet.time, form),
        lengths(packet),
        packet.bytes,
      ),
    secrets: (type: number, bytes: Uint8Array) => block(10, write.u32(type), write.u32(bytes.length), bytes),
    names: () =>
      block(
        4,
        joined([write.u16(1), write.u16(9)]),
        joined([Uint8Array.of(10, 0, 0, 1), text('host\0')]),
        write.u32(0),
      ),
    statistics: (counts: { readonly interfaceId?: number; readonly ifDrop?: bigint; readonly osDrop?: bigint } = {}) =>
      block(
        5,
        write.u32(counts.interfaceId ?? 0),
        write.u32(0),
        write.u32(0),
        counts.ifDrop === undefined ? new Uint8Array(0) : option(5, write.u64(counts.ifDrop)),
        counts.osDrop === undefined ? new Uint8Array(0) : option(7, write.u64(counts.osDrop)),
      ),
    custom: (bytes: Uint8Array) => block(0xbad, write.u32(32_473), bytes),
  }
}

/** One section, one interface, Enhanced Packet Blocks. */
export function pcapng(
  packets: readonly TestPacket[],
  form: InterfaceForm & { readonly order?: ByteOrder } = {},
): Uint8Array {
  const { section, interface: description, enhanced } = pcapngBlocks(form.order ?? 'little')
  return joined([section(), description(form), ...packets.map((packet) => enhanced(packet, form))])
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export function text(value: string): Uint8Array {
  return new TextEncoder().encode(value)
}

/** Exact, to be a witness for the arithmetic of the reader. */
function toTicks(time: number, resolution: number, offset: bigint): bigint {
  const nanoseconds = BigInt(Math.floor(time)) * 1000n + BigInt(Math.round((time - Math.floor(time)) * 1000))
  const perSecond = (resolution & 0x80) !== 0 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
  return ((nanoseconds - offset * 1_000_000_000n) * perSecond) / 1_000_000_000n
}

function pad(bytes: Uint8Array): Uint8Array {
  const padded = new Uint8Array((bytes.length + 3) & ~3)
  padded.set(bytes)
  return padded
}

function writer(order: ByteOrder) {
  const little = order === 'little'
  const written = (length: number, set: (view: DataView) => void): Uint8Array => {
    const view = new DataView(new ArrayBuffer(length))
    set(view)
    return new Uint8Array(view.buffer)
  }
  return {
    u16: (value: number) => written(2, (view) => view.setUint16(0, value, little)),
    u32: (value: number) => written(4, (view) => view.setUint32(0, value, little)),
    u64: (value: bigint) => written(8, (view) => view.setBigInt64(0, value, little)),
  }
}
