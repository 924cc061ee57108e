/**
 * Packets of the NetBIOS session service as they begin a half of a connection, built by hand from RFC 1002 4.3.
 */

/** Names of RFC 1001 14.1: half an octet to a letter. `*SMBSERVER` with suffix 0x20, `CLIENT1` with suffix 0x00. */
export const SESSION_REQUEST = `
  81 00 0044
  20 434b 4644 454e 4543 4644 4546 4643 4647 4546 4643 4341 4341 4341 4341 4341 4341 00
  20 4544 454d 454a 4546 454f 4645 4442 4341 4341 4341 4341 4341 4341 4341 4341 4141 00`
export const POSITIVE_SESSION_RESPONSE = '82 00 0000'
/** Called name not present. */
export const NEGATIVE_SESSION_RESPONSE = '83 00 0001 82'
export const RETARGET_SESSION_RESPONSE = '84 00 0006 0a000001 008b'
export const SESSION_KEEP_ALIVE = '85 00 0000'
