/** Types for the part of `pcap-parser` that the benches use. */
declare module 'pcap-parser' {
  import type { Readable } from 'node:stream'

  export interface ParsedPacket {
    readonly header: {
      readonly timestampSeconds: number
      readonly timestampMicroseconds: number
      readonly capturedLength: number
      readonly originalLength: number
    }
    readonly data: Uint8Array
  }
  export interface Parser {
    on(event: 'packet', then: (packet: ParsedPacket) => void): this
    on(event: 'end', then: () => void): this
    on(event: 'error', then: (error: Error) => void): this
  }
  const module: { parse(input: string | Readable): Parser }
  export default module
}
