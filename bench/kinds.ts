/**
 * The kinds of conversation in a mix: with which script each begins, and what it goes on with.
 *
 * After its script a conversation is a sequence of messages, each of one or more units, each unit a valid header
 * (NetBIOS and SMB2, a TLS record, an HTTP head, an LDAP buffer...) before bytes of the content pool. `next` chooses
 * the next message, `head` writes the header of its next unit; the returned bytes are shared and used at once.
 */
import { nbss, type Smb2Command, smb2Message, u32 } from '../test/builders/smb.ts'
import type { Random } from './random.ts'
import { type Script, type Scripts, sessionIdOf } from './scripts.ts'

/** One conversation under way. Numbers only, so that a hundred thousand are cheap. */
export class Flow {
  kind: Kind
  id = 0
  client = 0
  server = 0
  clientPort = 0
  serverPort = 0
  clientSeq = 0
  serverSeq = 0
  variant = 0
  /** packets that it may still send */
  budget = 0
  stage = 0
  step = 0
  /** who sends the present message, units of it still to begin, bytes of content in each, and bytes left of this one */
  side: 0 | 1 = 0
  units = 0
  unitBytes = 0
  bytesLeft = 0
  /** the kind's own memory: what it asked, how often */
  asked = -1
  askedBytes = 0
  count = 0
  /** data segments since the other end acknowledged */
  unacknowledged = 0
  /** a data segment was sent: what it is can be told, so that the next ones may be lost */
  hasSpoken = false

  constructor(kind: Kind) {
    this.kind = kind
  }
}

export interface Kind {
  readonly name: string
  readonly protocol: 6 | 17
  readonly ports: readonly number[]
  readonly scripts: readonly Script[]
  /** an authentication stands in its script */
  readonly authenticates: boolean
  /** parts of a hundred: of the conversations, and of the packets (0: the script is all there is) */
  readonly flows: number
  readonly packets: number
  /** it began before the capture */
  readonly isOpen?: true
  readonly next: (flow: Flow, random: Random) => void
  readonly head: (flow: Flow, content: Uint8Array) => Uint8Array
}

const NO_HEAD = new Uint8Array(0)
const nothing = { next: () => {}, head: () => NO_HEAD }

/** Parts of a hundred are those of design figures: a quarter of the packets on authentication ports. */
export function spanKinds(scripts: Scripts): readonly Kind[] {
  return [
    { ...smbKind(scripts.smbNtlm, false), flows: 3, packets: 5 },
    { ...smbKind(scripts.smbKerberos, true), flows: 5, packets: 12 },
    { ...httpKind(scripts.none, false), flows: 8, packets: 6 },
    { ...httpKind(scripts.httpNtlm, true), flows: 2, packets: 1 },
    { ...ldapKind(scripts.ldapKerberos, true), flows: 3, packets: 2 },
    { ...ldapKind(scripts.ldapNtlm, false), flows: 1, packets: 0.5 },
    ...kdcKinds(scripts, 5, 1, 3),
    { ...tlsKind(scripts.tls), flows: 30, packets: 43 },
    { ...foreignKind('video', [8554], scripts.none, 5000, 30), flows: 1, packets: 8 },
    { ...foreignKind('backup', [10_566], scripts.none, 60_000, 1), flows: 0.5, packets: 4 },
    { ...rpcKind(scripts.none), flows: 2, packets: 3 },
    { ...quicKind(scripts.none), flows: 8, packets: 16 },
    { ...dnsKind(scripts), flows: 27.5, packets: 0 },
  ]
}

/**
 * SMB, LDAP, Kerberos and RPC, as in front of a domain controller: nearly every conversation begins with an
 * authentication.
 */
export function domainControllerKinds(scripts: Scripts): readonly Kind[] {
  return [
    { ...smbKind(scripts.smbNtlm, false), flows: 5, packets: 14 },
    { ...smbKind(scripts.smbKerberos, true), flows: 12, packets: 32 },
    { ...ldapKind(scripts.ldapKerberos, true), flows: 15, packets: 26 },
    { ...ldapKind(scripts.ldapNtlm, false), flows: 3, packets: 5 },
    ...kdcKinds(scripts, 20, 3, 30),
    { ...rpcKind(scripts.none), flows: 12, packets: 14 },
  ]
}

/**
 * Conversations that all began before the capture, on the ports of carriers and on others, with payload that none of
 * them speaks.
 */
export function openKinds(scripts: Scripts): readonly Kind[] {
  return [
    {
      name: 'open',
      protocol: 6,
      ports: [443, 445, 80, 389, 8443, 22, 9000, 50_000],
      scripts: scripts.none,
      authenticates: false,
      isOpen: true,
      flows: 100,
      packets: 100,
      next(flow, random) {
        if (flow.side === 1) say(flow, 0, 1, random.between(80, 900))
        else say(flow, 1, 1, random.between(300, 9000))
      },
      head: () => NO_HEAD,
    },
  ]
}

/** One authentication each, and nothing else. */
export function authenticationKinds(scripts: Scripts): readonly Kind[] {
  const tcp = { packets: 0, authenticates: true }
  return [
    { ...smbKind(scripts.smbNtlm, false), ...tcp, flows: 20 },
    { ...smbKind(scripts.smbKerberos, true), ...tcp, flows: 20 },
    { ...httpKind(scripts.httpNtlm, true), ...tcp, flows: 10 },
    { ...ldapKind(scripts.ldapKerberos, true), ...tcp, flows: 10 },
    ...kdcKinds(scripts, 20, 5, 15),
  ]
}

function kdcKinds(scripts: Scripts, as: number, unknown: number, tcp: number): Kind[] {
  const kdc = { ...nothing, ports: [88], authenticates: true, packets: 0 }
  return [
    { ...kdc, name: 'kdc-as-udp', protocol: 17, scripts: scripts.kdcUdp, flows: as },
    { ...kdc, name: 'kdc-tgs-udp', protocol: 17, scripts: scripts.kdcUdpUnknown, flows: unknown },
    { ...kdc, name: 'kdc-tgs-tcp', protocol: 6, scripts: scripts.kdcTcp, flows: tcp },
  ]
}

type KindBase = Omit<Kind, 'flows' | 'packets'>

/** A message of `bytes`, less when the conversation is near its end. */
function say(flow: Flow, side: 0 | 1, units: number, unitBytes: number): void {
  flow.side = side
  flow.units = units
  flow.unitBytes = Math.max(1, Math.min(unitBytes, Math.floor((flow.budget * 1000) / units)))
}

// --- SMB: READ, WRITE and the small requests between them
// -----------------------------------------------------------------------

/** Commands with the fixed parts of their bodies: [request, response]; -1 where content follows. */
const SMB_OPERATIONS: readonly (readonly [Smb2Command, request: number, response: number])[] = [
  ['READ', 49, -1],
  ['WRITE', -1, 16],
  ['CREATE', 120, 96],
  ['QUERY_INFO', 40, 120],
  ['CLOSE', 24, 60],
]
const READ = 0
const WRITE = 1

function smbKind(scripts: readonly Script[], signed: boolean): KindBase {
  const heads = SMB_OPERATIONS.map(([command, request, response]) => [
    smbHead(command, signed, false, request),
    smbHead(command, signed, true, response),
  ])
  return {
    name: signed ? 'smb-signed' : 'smb-unsigned',
    protocol: 6,
    ports: [445],
    scripts,
    authenticates: true,
    next(flow, random) {
      if (flow.asked >= 0 && flow.side === 0) {
        say(flow, 1, 1, flow.asked === READ ? flow.askedBytes : 1)
        return
      }
      const lot = random.below(100)
      flow.asked = lot < 26 ? READ : lot < 38 ? WRITE : random.between(2, 4)
      flow.askedBytes = 1024 * random.between(2, 48)
      flow.count++
      say(flow, 0, 1, flow.asked === WRITE ? flow.askedBytes : 1)
    },
    head(flow, content) {
      const head = heads[flow.asked]![flow.side]!
      const fixed = head.length - 4 + flow.unitBytes
      head[1] = fixed >>> 16
      head[2] = fixed >>> 8
      head[3] = fixed
      const message = flow.count + 6
      head.set(u32(message), 4 + 24)
      head.set(u32(0x11 + flow.variant * 0x100), 4 + 40)
      if (signed) head.set(content.subarray((flow.count * 16) & 0xffff, ((flow.count * 16) & 0xffff) + 16), 4 + 48)
      if (flow.asked === READ && flow.side === 1) head.set(u32(flow.unitBytes), 4 + 68)
      if (flow.asked === WRITE && flow.side === 0) head.set(u32(flow.unitBytes), 4 + 68)
      return head
    },
  }
}

/** Up to the content; of the small messages one byte is left to come from the pool. */
function smbHead(command: Smb2Command, signed: boolean, response: boolean, bodyBytes: number): Uint8Array {
  const body = new Uint8Array(bodyBytes >= 0 ? bodyBytes - 1 : response ? 16 : 48)
  body[0] = STRUCTURE_SIZES[command]![response ? 1 : 0]
  // DataOffset of a READ response and of a WRITE request
  if (bodyBytes < 0) body[2] = 64 + body.length
  const sessionId = sessionIdOf(0)
  return nbss(smb2Message(command, { response, signed, sessionId, treeId: 5 }, body)).slice()
}

const STRUCTURE_SIZES: Readonly<Partial<Record<Smb2Command, readonly [request: number, response: number]>>> = {
  READ: [49, 17],
  WRITE: [49, 17],
  CREATE: [57, 89],
  QUERY_INFO: [41, 9],
  CLOSE: [24, 60],
}

// --- TLS
// ---------------------------------------------------------------------------------------------------------------------

function tlsKind(scripts: readonly Script[]): KindBase {
  const head = Uint8Array.of(0x17, 3, 3, 0, 0)
  return {
    name: 'tls',
    protocol: 6,
    ports: [443],
    scripts,
    authenticates: false,
    next(flow, random) {
      if (flow.side === 1) say(flow, 0, 1, random.between(80, 900))
      else if (random.below(100) < 75) say(flow, 1, 1, random.between(100, 1300))
      else say(flow, 1, random.between(1, 2), random.between(500, 5000))
    },
    head(flow) {
      head[3] = flow.unitBytes >>> 8
      head[4] = flow.unitBytes
      return head
    },
  }
}

// --- HTTP: requests, and answers with bodies
// ------------------------------------------------------------------------------------

function httpKind(scripts: readonly Script[], authenticates: boolean): KindBase {
  const request = ascii(
    'GET /files/000.bin HTTP/1.1\r\nHost: intranet.corp.example\r\nUser-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64)\r\n' +
      'Accept: image/avif,image/webp,*/*\r\nAccept-Language: en\r\nConnection: keep-alive\r\n\r\n',
  )
  const response = ascii(
    'HTTP/1.1 200 OK\r\nServer: Apache\r\nContent-Type: application/octet-stream\r\nContent-Length: 00000000\r\n\r\n',
  )
  const digitsAt = response.length - 4 - 8
  return {
    name: authenticates ? 'http-ntlm' : 'http',
    protocol: 6,
    ports: authenticates ? [80] : [80, 8080],
    scripts,
    authenticates,
    next(flow, random) {
      if (flow.side === 1 || flow.count === 0) {
        flow.count++
        flow.side = 0
        flow.units = 1
        flow.unitBytes = 0
      } else say(flow, 1, 1, random.between(300, 12_000))
    },
    head(flow) {
      if (flow.side === 0) return request
      let left = flow.unitBytes
      for (let at = digitsAt + 7; at >= digitsAt; at--) {
        response[at] = 0x30 + (left % 10)
        left = Math.floor(left / 10)
      }
      return response
    },
  }
}

// --- LDAP: searches under a security layer
// --------------------------------------------------------------------------------------

function ldapKind(scripts: readonly Script[], kerberos: boolean): KindBase {
  // length of the buffer, then the token: CFX wrap (RFC 4121 4.2.6.2), or an NTLM signature (MS-NLMP 2.2.2.9)
  const token = kerberos
    ? [5, 4, 7, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]
    : [1, 0, 0, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 0]
  const head = Uint8Array.of(0, 0, 0, 0, ...token)
  return {
    name: kerberos ? 'ldap-kerberos' : 'ldap-ntlm',
    protocol: 6,
    ports: kerberos ? [389, 3268] : [389],
    scripts,
    authenticates: true,
    next(flow, random) {
      if (flow.side === 1) say(flow, 0, 1, random.between(120, 400))
      else say(flow, 1, random.between(1, 4), random.between(120, 2500))
    },
    head(flow) {
      const length = token.length + flow.unitBytes
      head[2] = length >>> 8
      head[3] = length
      return head
    },
  }
}

// --- what no carrier wants
// ------------------------------------------------------------------------------------------------------

/** Requests and responses of DCE/RPC without authentication. */
function rpcKind(scripts: readonly Script[]): KindBase {
  const heads = [0, 2].map((type) =>
    Uint8Array.of(5, 0, type, 3, 0x10, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
  )
  return {
    name: 'rpc',
    protocol: 6,
    ports: [49_668],
    scripts,
    authenticates: false,
    next(flow, random) {
      say(flow, flow.side === 1 ? 0 : 1, 1, random.between(40, flow.side === 1 ? 400 : 2200))
    },
    head(flow) {
      const head = heads[flow.side]!
      const length = head.length + flow.unitBytes
      head[8] = length
      head[9] = length >>> 8
      head[16] = flow.unitBytes
      head[17] = flow.unitBytes >>> 8
      return head
    },
  }
}

/** Bytes without form: after a first request one side sends `bytes` at a time, and hears `answer` bytes. */
function foreignKind(
  name: string,
  ports: readonly number[],
  scripts: readonly Script[],
  bytes: number,
  answer: number,
): KindBase {
  return {
    name,
    protocol: 6,
    ports,
    scripts,
    authenticates: false,
    next(flow) {
      say(flow, flow.side === 1 ? 0 : 1, 1, flow.side === 1 ? answer : bytes)
    },
    head: () => NO_HEAD,
  }
}

/** Short-header packets of QUIC. */
function quicKind(scripts: readonly Script[]): KindBase {
  const head = Uint8Array.of(0x51, 1, 2, 3, 4, 5, 6, 7, 8)
  return {
    name: 'quic',
    protocol: 17,
    ports: [443],
    scripts,
    authenticates: false,
    next(flow, random) {
      const lot = random.below(10)
      flow.side = lot < 6 ? 1 : 0
      flow.units = 1
      flow.unitBytes = lot < 4 ? random.between(900, 1240) : random.between(25, 60)
    },
    head: () => head,
  }
}

function dnsKind(scripts: Scripts): Omit<Kind, 'flows' | 'packets'> {
  return { ...nothing, name: 'dns', protocol: 17, ports: [53], scripts: scripts.dns, authenticates: false }
}

const ascii = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
