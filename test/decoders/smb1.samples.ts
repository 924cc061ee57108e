/**
 * SMB1 messages without their NetBIOS header, built by hand from the layouts of MS-CIFS 2.2 and MS-SMB 2.2: a field or
 * a few to a line, behind the semicolon their offset and names. Responses to challenges are made-up bytes.
 */
import { TOKEN_HEX } from './smb2.samples.ts'

/** Negotiate of a client that requires signing and would rather speak SMB2. */
export const NEGOTIATE_REQUEST = `
  ff534d42 72 00000000 18                      ; 00 Protocol, Command NEGOTIATE, Status, Flags
  53c8                                         ; 10 Flags2 UNICODE, NT_STATUS, EXTENDED_SECURITY, IS_LONG_NAME, SECURITY_SIGNATURE_REQUIRED, EAS, LONG_NAMES
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  ffff fffe 0000 0000                          ; 24 TID, PIDLow, UID, MID
  00 2200                                      ; 32 WordCount, ByteCount 34
  02 4e54204c4d20302e313200                    ; 35 NT LM 0.12
  02 534d4220322e30303200                      ; 47 SMB 2.002
  02 534d4220322e3f3f3f00                      ; 58 SMB 2.???`

/** NT LM 0.12 with extended security. */
export const NEGOTIATE_RESPONSE_EXTENDED = `
  ff534d42 72 00000000 98 01c8                 ; 00 Protocol, Command, Status, Flags reply, Flags2
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  ffff fffe 0000 0000                          ; 24 TID, PIDLow, UID, MID
  11 0500 0f                                   ; 32 WordCount 17, DialectIndex 5, SecurityMode all four
  3200 0100 04110000 00000100 00000000         ; 36 MaxMpxCount, MaxNumberVcs, MaxBufferSize, MaxRawSize, SessionKey
  fde30080                                     ; 52 Capabilities with EXTENDED_SECURITY
  5f06ba43e6c4d801                             ; 56 SystemTime
  0000 00                                      ; 64 ServerTimeZone, ChallengeLength
  1a00                                         ; 67 ByteCount 26
  03020100 0504 0706 0809 0a0b0c0d0e0f         ; 69 ServerGUID
  ${TOKEN_HEX}                                 ; 85 SecurityBlob`

/**
 * NT LM 0.12 without it: Unicode names that are not aligned, as CAP_UNICODE says and Flags2 does not. Plain-text
 * passwords.
 */
export const NEGOTIATE_RESPONSE_CHALLENGE = `
  ff534d42 72 00000000 98 0100                 ; 00 Protocol, Command, Status, Flags reply, Flags2
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  ffff fffe 0000 0000                          ; 24 TID, PIDLow, UID, MID
  11 0000 05                                   ; 32 WordCount 17, DialectIndex 0, SecurityMode user, signatures enabled
  3200 0100 04110000 00000100 00000000         ; 36 MaxMpxCount, MaxNumberVcs, MaxBufferSize, MaxRawSize, SessionKey
  fd430000                                     ; 52 Capabilities with UNICODE
  0000000000000000                             ; 56 SystemTime
  0000 08                                      ; 64 ServerTimeZone, ChallengeLength
  1800                                         ; 67 ByteCount 24
  c4c4c4c4c4c4c4c4                             ; 69 Challenge
  41004200 0000                                ; 77 DomainName AB
  4e00 4100 5300 3100 0000                     ; 83 ServerName NAS1`

/** LANMAN2.1: OEM, DOS errors, no signing. */
export const NEGOTIATE_RESPONSE_LANMAN = `
  ff534d42 72 00000000 98 0100                 ; 00 Protocol, Command, Status, Flags reply, Flags2
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  ffff fffe 0000 0000                          ; 24 TID, PIDLow, UID, MID
  0d 0600 0300                                 ; 32 WordCount 13, DialectIndex 6, SecurityMode user, encrypted passwords
  0441 3200 0100 0300 00000000                 ; 37 MaxBufferSize, MaxMpxCount, MaxNumberVcs, RawMode, SessionKey
  9571 765d 0000 0800 0000                     ; 49 ServerTime, ServerDate, ServerTimeZone, EncryptionKeyLength, Reserved
  0c00                                         ; 59 ByteCount 12
  c4c4c4c4c4c4c4c4 4c414200                    ; 61 EncryptionKey, PrimaryDomain LAB`

/** None of the dialects. */
export const NEGOTIATE_RESPONSE_NONE = `
  ff534d42 72 00000000 98 0100                 ; 00 Protocol, Command, Status, Flags reply, Flags2
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  ffff fffe 0000 0000                          ; 24 TID, PIDLow, UID, MID
  01 ffff 0000                                 ; 32 WordCount 1, DialectIndex, ByteCount`

/** Extended security; the token has an even length, so that the strings need a byte of padding. */
export const SESSION_SETUP_REQUEST_EXTENDED = `
  ff534d42 73 00000000 18 01c8                 ; 00 Protocol, Command SESSION_SETUP_ANDX, Status, Flags, Flags2
  0000 4253525350594c20 0000                   ; 12 PIDHigh, SecurityFeatures BSRSPYL, Reserved
  0000 fffe 0008 4000                          ; 24 TID, PIDLow, UID 2048, MID 64
  0c ff 00 0000                                ; 32 WordCount 12, AndXCommand none, AndXReserved, AndXOffset
  0411 3200 0100 00000000                      ; 37 MaxBufferSize, MaxMpxCount, VcNumber, SessionKey
  0a00 00000000 d4000080                       ; 47 SecurityBlobLength 10, Reserved, Capabilities
  1b00                                         ; 57 ByteCount 27
  ${TOKEN_HEX} 00                              ; 59 SecurityBlob, padding
  58005000 0000 4c004d00 0000 5700 0000        ; 70 NativeOS XP, NativeLanMan LM, PrimaryDomain W`

/** 24 bytes of LM response, 24 of NT response. */
export const SESSION_SETUP_REQUEST_NTLMV1 = `
  ff534d42 73 00000000 18 01c0                 ; 00 Protocol, Command, Status, Flags, Flags2 UNICODE, NT_STATUS, LONG_NAMES
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  0000 fffe 0000 0200                          ; 24 TID, PIDLow, UID, MID 2
  0d ff 00 0000                                ; 32 WordCount 13, AndXCommand none, AndXReserved, AndXOffset
  0411 3200 0100 00000000                      ; 37 MaxBufferSize, MaxMpxCount, VcNumber, SessionKey
  1800 1800 00000000 d4000000                  ; 47 OEMPasswordLen, UnicodePasswordLen, Reserved, Capabilities
  4c00                                         ; 59 ByteCount 76
  1b8e02f4a966c7db3508e49d71fa2c6603b1dd94827c0e55 ; 61 OEMPassword
  e7419c36f20a885dbb6340d1972ef8156ca38b047fd9524e ; 85 UnicodePassword
  00                                           ; 109 padding
  6a006f00 65000000                            ; 110 AccountName joe
  4c00410042000000                             ; 118 PrimaryDomain LAB
  58000000 4c000000                            ; 126 NativeOS X, NativeLanMan L
  000000                                       ; 134 more than the strings need`

/** LAN Manager: WordCount 10, one response of 24 bytes, OEM strings. */
export const SESSION_SETUP_REQUEST_LANMAN = `
  ff534d42 73 00000000 18 0300                 ; 00 Protocol, Command, Status, Flags, Flags2
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  0000 fffe 0000 0100                          ; 24 TID, PIDLow, UID, MID 1
  0a ff 00 0000                                ; 32 WordCount 10, AndXCommand none, AndXReserved, AndXOffset
  ffff 0200 0100 77140000                      ; 37 MaxBufferSize, MaxMpxCount, VcNumber, SessionKey
  1800 00000000                                ; 47 PasswordLength, Reserved
  2500                                         ; 53 ByteCount 37
  1b8e02f4a966c7db3508e49d71fa2c6603b1dd94827c0e55 ; 55 AccountPassword
  6a6f6500 4c414200                            ; 79 AccountName joe, PrimaryDomain LAB
  5800 4c4d00                                  ; 87 NativeOS X, NativeLanMan LM`

export const SESSION_SETUP_RESPONSE_EXTENDED = `
  ff534d42 73 160000c0 98 01c8                 ; 00 Protocol, Command, Status MORE_PROCESSING_REQUIRED, Flags reply, Flags2
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  0000 fffe 0008 4000                          ; 24 TID, PIDLow, UID 2048, MID 64
  04 ff 00 0000 0000 0a00                      ; 32 WordCount 4, AndX, Action, SecurityBlobLength 10
  1700                                         ; 41 ByteCount 23
  ${TOKEN_HEX} 00                              ; 43 SecurityBlob, padding
  55000000 53000000 44000000                   ; 54 NativeOS U, NativeLanMan S, PrimaryDomain D`

/** Without extended security, logged on as a guest. */
export const SESSION_SETUP_RESPONSE_GUEST = `
  ff534d42 73 00000000 98 01c0                 ; 00 Protocol, Command, Status, Flags reply, Flags2
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  0000 fffe 6400 0200                          ; 24 TID, PIDLow, UID 100, MID 2
  03 ff 00 0000 0100                           ; 32 WordCount 3, AndX, Action guest
  0d00 00                                      ; 39 ByteCount 13, padding
  55000000 53000000 44000000                   ; 42 NativeOS U, NativeLanMan S, PrimaryDomain D`

/** ERRSRV/ERRbadpw: Flags2 says that Status is a DOS error. */
export const SESSION_SETUP_RESPONSE_DOS_ERROR = `
  ff534d42 73 02000200 98 0100                 ; 00 Protocol, Command, ErrorClass ERRSRV, Reserved, ErrorCode 2, Flags reply, Flags2
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  0000 fffe 0000 0100                          ; 24 TID, PIDLow, UID, MID 1
  00 0000                                      ; 32 WordCount, ByteCount`

/** As Windows batches it: a null session, and the tree in the same message. */
export const SESSION_SETUP_AND_TREE_CONNECT = `
  ff534d42 73 00000000 18 01c0                 ; 00 Protocol, Command, Status, Flags, Flags2
  0000 0000000000000000 0000                   ; 12 PIDHigh, SecurityFeatures, Reserved
  0000 fffe 0000 0300                          ; 24 TID, PIDLow, UID, MID 3
  0d 75 00 4c00                                ; 32 WordCount 13, AndXCommand TREE_CONNECT_ANDX, AndXReserved, AndXOffset 76
  0411 3200 0100 00000000                      ; 37 MaxBufferSize, MaxMpxCount, VcNumber, SessionKey
  0100 0000 00000000 d4000000                  ; 47 OEMPasswordLen, UnicodePasswordLen, Reserved, Capabilities
  0d00                                         ; 59 ByteCount 13
  00                                           ; 61 OEMPassword
  0000 0000 5800 0000 4c00 0000                ; 62 AccountName, PrimaryDomain, NativeOS X, NativeLanMan L
  0000                                         ; 74 padding
  04 ff 00 0000 0800 0100                      ; 76 WordCount 4, AndXCommand none, AndXReserved, AndXOffset, Flags, PasswordLength
  2000                                         ; 85 ByteCount 32
  00                                           ; 87 Password
  5c005c00 4e004100 53003100 5c004900 50004300 0000 ; 88 Path \\\\NAS1\\IPC
  3f3f3f3f3f00 000000                          ; 110 Service, more than it needs`

const ORDINARY_HEAD = `
  ff534d42 2e 00000000 18 01c8                 ; 00 Protocol, Command READ_ANDX, Status, Flags, Flags2
  0000                                         ; 12 PIDHigh
`
const ORDINARY_TAIL = `              ; 14 SecurityFeatures
  0000 0100 fffe 0008 8000                     ; 22 Reserved, TID, PIDLow, UID 2048, MID 128`

export const READ_CLEAR = `${ORDINARY_HEAD}  0000000000000000${ORDINARY_TAIL}`
export const READ_PLACEHOLDER = `${ORDINARY_HEAD}  4253525350594c20${ORDINARY_TAIL}`
/** Signed, though Flags2 has no SECURITY_SIGNATURE. */
export const READ_SIGNED = `${ORDINARY_HEAD}  4253525350594c21${ORDINARY_TAIL}`
