/**
 * The first two messages of RDP, from real conversations (FreeRDP, mstsc) and built from MS-RDPBCGR 2.2.1.1 and
 * 2.2.1.2.
 */
import { fromHex } from '../hostile.ts'

const COOKIE = '436f6f6b69653a206d737473686173683d726470757365720d0a'

export interface RdpSample {
  readonly name: string
  readonly bytes: Uint8Array
  readonly type: string
  readonly fields: Record<string, unknown>
  readonly facts: Record<string, unknown> | null
}

export const RDP_SAMPLES: readonly RdpSample[] = [
  {
    name: 'a request with cookie and negotiation (FreeRDP)',
    bytes: fromHex(`0300002d28e00000000000${COOKIE}0100080003000000`),
    type: 'X224_CONNECTION_REQUEST',
    fields: { user: 'rdpuser', requestedProtocols: ['SSL', 'HYBRID'], flags: [] },
    facts: { service: 'rdp' },
  },
  {
    name: 'a request for Remote Guard without cookie',
    bytes: fromHex('030000130ee00000000000 010a08000b000000'),
    type: 'X224_CONNECTION_REQUEST',
    fields: {
      user: null,
      requestedProtocols: ['SSL', 'HYBRID', 'HYBRID_EX'],
      flags: ['REDIRECTED_AUTHENTICATION_MODE_REQUIRED', 'CORRELATION_INFO_PRESENT'],
    },
    facts: { service: 'rdp' },
  },
  {
    name: 'a request of an old client',
    bytes: fromHex('0300000b06e00000000000'),
    type: 'X224_CONNECTION_REQUEST',
    fields: { user: null, requestedProtocols: null, flags: [] },
    facts: { service: 'rdp' },
  },
  {
    name: 'CredSSP is chosen',
    bytes: fromHex('030000130ed00000000000 021f080002000000'),
    type: 'X224_CONNECTION_CONFIRM',
    fields: { selectedProtocol: 'HYBRID', failure: null },
    facts: { service: 'rdp', hidden: 'rdp', desktop: 'HYBRID' },
  },
  {
    name: 'a protocol that has no name here',
    bytes: fromHex('030000130ed00000000000 0200080000010000'),
    type: 'X224_CONNECTION_CONFIRM',
    fields: { selectedProtocol: '0x100', failure: null },
    facts: { service: 'rdp', hidden: 'rdp', desktop: '0x100' },
  },
  {
    name: 'standard security is chosen',
    bytes: fromHex('030000130ed00000000000 0200080000000000'),
    type: 'X224_CONNECTION_CONFIRM',
    fields: { selectedProtocol: 'RDP', failure: null },
    facts: null,
  },
  {
    name: 'standard security of an old server',
    bytes: fromHex('0300000b06d00000123400'),
    type: 'X224_CONNECTION_CONFIRM',
    fields: { selectedProtocol: 'RDP', failure: null },
    facts: null,
  },
  {
    name: 'the server insists on CredSSP',
    bytes: fromHex('030000130ed00000000000 0300080005000000'),
    type: 'X224_CONNECTION_CONFIRM',
    fields: { selectedProtocol: null, failure: 'HYBRID_REQUIRED_BY_SERVER' },
    facts: null,
  },
]
