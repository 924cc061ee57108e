/**
 * SMB2 messages without their NetBIOS header, built by hand from the layouts of MS-SMB2 2.2: a field or a few to a
 * line, behind the semicolon their offset and names. `TOKEN_HEX` stands where a security buffer would be; no carrier
 * looks inside.
 */
import { fromHex } from '../hostile.ts'

/** The bytes of a sample; throws where an offset in its comments is not true. */
export function sampleBytes(sample: string): Uint8Array {
  let digits = ''
  for (const row of sample.split('\n')) {
    const [part, comment] = row.split(';')
    const offset = /^ (\d+)/.exec(comment ?? '')?.[1]
    if (offset !== undefined && Number(offset) * 2 !== digits.length) {
      throw new Error(`at ${digits.length / 2}: ${row}`)
    }
    digits += part!.replace(/\s/g, '')
  }
  return fromHex(digits)
}

/** ProtocolId, StructureSize, CreditCharge */
const HEAD = 'fe534d42 4000 0100'

/** ten bytes that are no token of any mechanism */
export const TOKEN_HEX = '6008a1b2c3d4e5f60708'

export const NEGOTIATE_REQUEST_311 = `
  ${HEAD}
  00000000                                     ; 08 Status
  0000 1f00                                    ; 12 Command NEGOTIATE, CreditRequest
  00000000 00000000                            ; 16 Flags, NextCommand
  0100000000000000                             ; 24 MessageId 1
  fffe0000 00000000                            ; 32 Reserved, TreeId
  0000000000000000                             ; 40 SessionId
  0000000000000000 0000000000000000            ; 48 Signature
  2400 0500                                    ; 64 StructureSize, DialectCount
  0100 0000                                    ; 68 SecurityMode enabled, Reserved
  7f000000                                     ; 72 Capabilities, all of MS-SMB2 but NOTIFICATIONS
  33221100 5544 7766 8899 aabbccddeeff         ; 76 ClientGuid
  70000000 0500 0000                           ; 92 NegotiateContextOffset 112, NegotiateContextCount, Reserved2
  0202 1002 0003 0203 1103                     ; 100 Dialects
  0000                                         ; 110 padding
  0100 0a00 00000000                           ; 112 PREAUTH_INTEGRITY_CAPABILITIES, 10 bytes
  0100 0400 0100 deadbeef                      ; 120 one hash, four bytes of salt, SHA-512, Salt
  000000000000                                 ; 130 padding
  0200 0800 00000000                           ; 136 ENCRYPTION_CAPABILITIES
  0300 0200 0100 0700                          ; 144 three ciphers: AES-128-GCM, AES-128-CCM, one that nobody knows
  0300 0c00 00000000                           ; 152 COMPRESSION_CAPABILITIES
  0200 0000 00000000 0100 0500                 ; 160 two algorithms, Padding, Flags, LZNT1, LZ4
  00000000                                     ; 172 padding
  0800 0400 00000000                           ; 176 SIGNING_CAPABILITIES
  0100 0200                                    ; 184 one algorithm: AES-GMAC
  00000000                                     ; 188 padding
  0500 1200 00000000                           ; 192 NETNAME_NEGOTIATE_CONTEXT_ID, 18 bytes
  6600 6900 6c00 6500 7300 3100 2e00 7800 7900 ; 200 files1.xy`

/**
 * A client of 2.0.2 alone: no contexts, ClientGuid zero, signing required. Bytes 92 to 99 are ClientStartTime and must
 * not be read as contexts.
 */
export const NEGOTIATE_REQUEST_202 = `
  ${HEAD}
  00000000 0000 0100 00000000 00000000         ; 08 Status, Command, CreditRequest, Flags, NextCommand
  0000000000000000                             ; 24 MessageId
  00000000 00000000 0000000000000000           ; 32 Reserved, TreeId, SessionId
  0000000000000000 0000000000000000            ; 48 Signature
  2400 0100 0200 0000                          ; 64 StructureSize, DialectCount, SecurityMode required, Reserved
  00000000                                     ; 72 Capabilities
  00000000000000000000000000000000             ; 76 ClientGuid
  7000000009000000                             ; 92 ClientStartTime, which looks like contexts
  0202                                         ; 100 Dialects`

export const NEGOTIATE_RESPONSE_311 = `
  ${HEAD}
  00000000 0000 0100                           ; 08 Status, Command, CreditResponse
  01000000 00000000                            ; 16 Flags response, NextCommand
  0100000000000000                             ; 24 MessageId
  00000000 00000000 0000000000000000           ; 32 Reserved, TreeId, SessionId
  0000000000000000 0000000000000000            ; 48 Signature
  4100 0300                                    ; 64 StructureSize, SecurityMode enabled and required
  1103 0300                                    ; 68 DialectRevision, NegotiateContextCount
  03020100 0504 0706 0809 0a0b0c0d0e0f         ; 72 ServerGuid
  2f010000                                     ; 88 Capabilities, one of them unknown
  00008000 00008000 00008000                   ; 92 MaxTransactSize, MaxReadSize, MaxWriteSize
  5f06ba43e6c4d801                             ; 104 SystemTime
  0000000000000000                             ; 112 ServerStartTime
  8000 0a00                                    ; 120 SecurityBufferOffset 128, SecurityBufferLength 10
  90000000                                     ; 124 NegotiateContextOffset 144
  ${TOKEN_HEX}                                 ; 128 Buffer
  000000000000                                 ; 138 padding
  0200 0400 00000000 0100 0200 00000000        ; 144 ENCRYPTION_CAPABILITIES: AES-128-GCM
  0800 0400 00000000 0100 0100 00000000        ; 160 SIGNING_CAPABILITIES: AES-CMAC
  0001 0100 00000000 93                        ; 176 POSIX_EXTENSIONS`

/** To an SMB1 NEGOTIATE with SMB 2.???: the wildcard dialect, an empty security buffer. */
export const NEGOTIATE_RESPONSE_02FF = `
  ${HEAD}
  00000000 0000 0100 01000000 00000000         ; 08 Status, Command, CreditResponse, Flags, NextCommand
  0000000000000000                             ; 24 MessageId
  00000000 00000000 0000000000000000           ; 32 Reserved, TreeId, SessionId
  0000000000000000 0000000000000000            ; 48 Signature
  4100 0100 ff02 0000                          ; 64 StructureSize, SecurityMode enabled, DialectRevision, Reserved
  03020100 0504 0706 0809 0a0b0c0d0e0f         ; 72 ServerGuid
  07000000                                     ; 88 Capabilities
  00008000 00008000 00008000                   ; 92 MaxTransactSize, MaxReadSize, MaxWriteSize
  0000000000000000 0000000000000000            ; 104 SystemTime, ServerStartTime
  8000 0000 00000000                           ; 120 SecurityBufferOffset, SecurityBufferLength, Reserved2`

/** STATUS_NOT_SUPPORTED: an ERROR response in place of the body. */
export const NEGOTIATE_RESPONSE_ERROR = `
  ${HEAD}
  bb0000c0 0000 0100 01000000 00000000         ; 08 Status, Command, CreditResponse, Flags, NextCommand
  0000000000000000                             ; 24 MessageId
  00000000 00000000 0000000000000000           ; 32 Reserved, TreeId, SessionId
  0000000000000000 0000000000000000            ; 48 Signature
  0900 0000 00000000 00                        ; 64 StructureSize, ErrorContextCount, Reserved, ByteCount, ErrorData`

export const SESSION_SETUP_REQUEST = `
  ${HEAD}
  00000000 0100 1f00 00000000 00000000         ; 08 Status, Command SESSION_SETUP, CreditRequest, Flags, NextCommand
  ffffffff01000000                             ; 24 MessageId 8589934591
  fffe0000 00000000                            ; 32 Reserved, TreeId
  250000000004 0000                            ; 40 SessionId 0x40000000025
  0000000000000000 0000000000000000            ; 48 Signature
  1900 01 02                                   ; 64 StructureSize, Flags binding, SecurityMode required
  01000000 00000000                            ; 68 Capabilities, Channel
  5800 0a00                                    ; 76 SecurityBufferOffset 88, SecurityBufferLength 10
  efbeadde00000000                             ; 80 PreviousSessionId
  ${TOKEN_HEX}                                 ; 88 Buffer`

export const SESSION_SETUP_RESPONSE_MORE = `
  ${HEAD}
  160000c0 0100 1f00 01000000 00000000         ; 08 Status MORE_PROCESSING_REQUIRED, Command, CreditResponse, Flags, NextCommand
  0200000000000000                             ; 24 MessageId 2
  fffe0000 00000000 0500000000000000           ; 32 Reserved, TreeId, SessionId
  0000000000000000 0000000000000000            ; 48 Signature
  0900 0000 4800 0a00                          ; 64 StructureSize, SessionFlags, SecurityBufferOffset 72, SecurityBufferLength 10
  ${TOKEN_HEX}                                 ; 72 Buffer`

/** Success, signed, with a session that is to be encrypted. */
export const SESSION_SETUP_RESPONSE_SUCCESS = `
  ${HEAD}
  00000000 0100 1f00 09000000 00000000         ; 08 Status, Command, CreditResponse, Flags response and signed, NextCommand
  0300000000000000                             ; 24 MessageId 3
  fffe0000 00000000 0500000000000000           ; 32 Reserved, TreeId, SessionId
  1122334455667788 99aabbccddeeff00            ; 48 Signature
  0900 0400 4800 0000                          ; 64 StructureSize, SessionFlags ENCRYPT_DATA, SecurityBufferOffset, SecurityBufferLength`

export const SESSION_SETUP_RESPONSE_FAILURE = `
  ${HEAD}
  6d0000c0 0100 1f00 01000000 00000000         ; 08 Status LOGON_FAILURE, Command, CreditResponse, Flags, NextCommand
  0300000000000000                             ; 24 MessageId 3
  fffe0000 00000000 0500000000000000           ; 32 Reserved, TreeId, SessionId
  0000000000000000 0000000000000000            ; 48 Signature
  0900 0000 01000000 00                        ; 64 StructureSize, ErrorContextCount, Reserved, ByteCount, ErrorData`

export const TREE_CONNECT_REQUEST = `
  ${HEAD}
  00000000 0300 0100 08000000 00000000         ; 08 Status, Command TREE_CONNECT, CreditRequest, Flags signed, NextCommand
  0400000000000000                             ; 24 MessageId
  fffe0000 00000000 0500000000000000           ; 32 Reserved, TreeId, SessionId
  1122334455667788 99aabbccddeeff00            ; 48 Signature
  0900 0000 4800 1400                          ; 64 StructureSize, Flags, PathOffset 72, PathLength 20
  5c005c00 4e004100 53003100 5c004900 50004300 ; 72 \\\\NAS1\\IPC`

/** READ request of 16 bytes of body that nobody reads; signed. */
export const READ_REQUEST_SIGNED = `
  ${HEAD}
  00000000 0800 0100 08000000 00000000         ; 08 Status, Command READ, CreditRequest, Flags signed, NextCommand
  0900000000000000                             ; 24 MessageId
  fffe0000 01000000 0500000000000000           ; 32 Reserved, TreeId, SessionId
  1122334455667788 99aabbccddeeff00            ; 48 Signature
  31005000 00100000 0000000000000000`

/** Its answer, unsigned. */
export const READ_RESPONSE_CLEAR = `
  ${HEAD}
  00000000 0800 0100 01000000 00000000         ; 08 Status, Command READ, CreditResponse, Flags response, NextCommand
  0900000000000000                             ; 24 MessageId
  fffe0000 01000000 0500000000000000           ; 32 Reserved, TreeId, SessionId
  0000000000000000 0000000000000000            ; 48 Signature
  11005000 04000000 00000000 00000000 61626364`

/** CREATE, then CLOSE of what it opened: the second element has SessionId of all ones, and is not signed. */
export const COMPOUND_REQUEST = `
  ${HEAD}
  00000000 0500 0100 08000000 48000000         ; 08 Status, Command CREATE, CreditRequest, Flags signed, NextCommand 72
  0a00000000000000                             ; 24 MessageId
  fffe0000 01000000 0500000000000000           ; 32 Reserved, TreeId, SessionId
  1122334455667788 99aabbccddeeff00            ; 48 Signature
  3900000002000000                             ; 64 the beginning of a CREATE request
  ${HEAD}
  00000000 0600 0100 04000000 00000000         ; 80 Status, Command CLOSE, CreditRequest, Flags related, NextCommand
  0b00000000000000                             ; 96 MessageId
  ffffffff ffffffff ffffffffffffffff           ; 104 Reserved, TreeId, SessionId
  0000000000000000 0000000000000000            ; 120 Signature
  18000000 00000000`

export const TRANSFORM = `
  fd534d42                                     ; 00 ProtocolId
  0102030405060708 090a0b0c0d0e0f10            ; 04 Signature
  1112131415161718 191a1b0000000000            ; 20 Nonce
  08000000 0000 0100                           ; 36 OriginalMessageSize, Reserved, Flags encrypted
  610000000c000000                             ; 44 SessionId 0xc00000061
  aabbccddeeff0011                             ; 52 cipher text`

export const COMPRESSED = `
  fc534d42 00100000                            ; 00 ProtocolId, OriginalCompressedSegmentSize
  0200 0000 00000000                           ; 08 CompressionAlgorithm LZ77, Flags, Offset
  aabbccddeeff0011`
