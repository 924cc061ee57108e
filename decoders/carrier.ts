/**
 * The contract of a carrier: a decoder of conversations that never looks inside the security tokens it carries.
 *
 * `probe` and `frame` are hot: called per packet or PDU with a borrowed view; they allocate nothing. `decode` is cold:
 * called only for the PDUs that `frame` asked to keep. A carrier keeps no state of its own; what framing must remember
 * of a half (inside a chunked body, evidence already sampled) it keeps in the integer `Framing.state`, which the stream
 * stores.
 */
import type { Outcome } from './outcome.ts'
import type { ByteClass, Opening } from './parts/byte-class.ts'
import type { Mentions } from './parts/host-mentions.ts'

/**
 * Who sent it. The handshake tells; without it the content of a message, and until one comes the port numbers. `probe`
 * and `frame` are told by handshake and port numbers alone: they run ahead of the decoding.
 */
export type Side = 'client' | 'server'

export interface Carrier {
  /** `smb`, `http`, `ldap`, `kdc`, `tls`...: the carrier's name in every output */
  readonly name: string
  readonly transport: 'tcp' | 'udp'
  /**
   * takes tokens in what no other carrier claims, and never a conversation: not probed, asked to frame where a
   * signature was seen
   */
  readonly unclaimed?: true
  /** the same, in what other carriers step over or cannot read */
  readonly inside?: true
  /** its messages stand in PPP, with no port: the network layers know them by the protocol of PPP */
  readonly link?: true
  /** a hint for the order of probing, never a proof */
  readonly ports: readonly number[]
  /**
   * datagram carriers: the bytes with which their messages can begin, so that others are passed over without a look;
   * absent: any
   */
  readonly firstBytes?: readonly number[]
  /** datagram carriers: looked for at their ports only, before the carriers of context that have the same */
  readonly local?: true
  /**
   * carriers of context: looked for at their ports only, and every PDU stands for itself, in no conversation. Over TCP
   * the stream makes their PDUs
   */
  readonly context?: true
  /**
   * Do these first bytes of a half belong to this carrier? 'more' only while no byte contradicts it and fewer than
   * PROBE_BYTES_MAX are there. Accepts the messages of either side, and of the middle of a conversation.
   */
  probe(head: Uint8Array, side: Side): 'mine' | 'other' | 'more'
  /**
   * Where does the PDU that starts at head[0] end? 'ready' fills `out`; 'more' asks for more bytes (never with more
   * than FRAME_BYTES_MAX there: then answer 'lost'); 'lost' means that no PDU of this carrier starts here (the stream
   * probes anew at later segments); 'tunnel' that this carrier has nothing more to say in either direction (an answered
   * CONNECT, an upgrade): what begins here is probed as if a conversation began, and the steps that follow are those of
   * a conversation inside this one. Datagrams are framed too: one PDU each.
   */
  frame(head: Uint8Array, side: Side, out: Framing): Framed
  /**
   * `pdu` is exactly the first `keep` bytes of one framed PDU (fewer where the capture lost the rest). A message that
   * is not about authentication is simply not in the list.
   */
  decode(pdu: Uint8Array, side: Side): Outcome<readonly CarrierMessage[]>
  /**
   * Do records of TLS stand in the packet of this carrier that begins here? They are opened out of it where somebody
   * has the keys; absent: never
   */
  wrapsTls?(head: Uint8Array): boolean
  /**
   * The sizes of the first sealed records tell what stands in them, where TLS begins in a conversation of this carrier.
   */
  readonly toldBySizes?: true
  /**
   * The PDU in the place of a packet where somebody has keys, and follows the TLS that several of them carry: what it
   * hides he says; absent: packets carry none
   */
  followed?(packet: Uint8Array): Uint8Array
  /** what is left of the memory of a half behind a hole between two PDUs; absent: all of it */
  resumed?(state: number): number
  /**
   * How a conversation may begin, or go on in its middle, as data: of bytes that begin in none of these ways `probe`
   * says 'other'. It may say so of others too.
   */
  readonly begins?: readonly Opening[]
  /**
   * PDUs that nobody wants, as data, for a reader that cannot call `frame`: what has one of these shapes is what
   * `frame` says of it, 'ready' with nothing to keep, no more to come and no change but that of the count. Not every
   * such PDU needs a shape.
   */
  readonly bulk?: readonly Bulk[]
  /**
   * Its messages are heads of HTTP/1.x, of which a reader that cannot call `frame` knows those without anything to do
   * with authentication (the engine): what that takes is what `frame` says of it.
   */
  readonly heads?: 'http'
}

/** The shape of a PDU that is stepped over. Offsets are from its first byte. */
export interface Bulk {
  /** so many of its bytes must be there, else `frame` is asked */
  readonly head: number
  /** what stands where, the most telling first */
  readonly bytes: readonly (readonly [at: number, bytes: ByteClass])[]
  readonly length: BulkLength
  /** a length inside it that it must hold: 0, or with `add` no longer than the whole */
  readonly part?: { readonly at: number; readonly octets: 2; readonly little?: true; readonly add: number }
  /** bits of `Framing.state` and of `Framing.peerState` that must be clear, and that must be set */
  readonly clear?: number
  readonly peerClear?: number
  readonly set?: number
  readonly peerSet?: number
  /** it counts in these bits of `state`: the first ones and then one in so many are wanted, and are for `frame` */
  readonly sampled?: Sampling
}

/** Where the length of the whole stands: `octets` at `at`, and `add`. */
export interface BulkLength {
  readonly at: number
  readonly octets: 2 | 3 | 4
  readonly little?: true
  readonly add: number
  readonly min: number
  readonly max: number
}

/** The count runs to `first` and then in a circle of `interval`, so that it never grows. */
export interface Sampling {
  readonly mask: number
  readonly first: number
  readonly interval: number
  /** bytes that `frame` keeps of those that are wanted, of one no longer than `keepWhole` all */
  readonly keep: number
  readonly keepWhole?: number
}

export type More = boolean | 'unwanted'
export type Framed = 'ready' | 'more' | 'lost' | 'tunnel'

/** In and out of `frame`. One reused struct; `frame` sets every field but `peerState`. */
export interface Framing {
  /** bytes of the PDU in all; UNTIL_CLOSE where only the end of the connection ends it */
  length: number
  /** bytes from its start that `decode` wants: 0 = none, nothing is buffered and all of it is skipped */
  keep: number
  /**
   * the message goes on in the next PDU: what was kept is decoded when a PDU with `more` false has passed. 'unwanted':
   * nothing of what follows will be kept (a body in chunks), so that it may be decoded before where the opposite half
   * goes on
   */
  more: More
  /** the carrier's own memory of this half: 0 at the start, returned as it was left */
  state: number
  /**
   * where a search for the end stopped when the last answer for this PDU was 'more': 0 at its start, so that tiny
   * segments do not cost a new search each
   */
  scanned: number
  /** a number of bytes that the carrier may remember beside `state`: 0 at the start, returned as it was left */
  pending: number
  /**
   * the memory of the opposite half where it has the same carrier, else 0; to read only (an HTTP response needs to know
   * that the request was HEAD)
   */
  readonly peerState: number
}

export const UNTIL_CLOSE = Number.MAX_SAFE_INTEGER
/** Probing gives a conversation up after so many bytes of a half: every carrier shows itself in its first 64. */
export const PROBE_BYTES_MAX = 64
/**
 * A frame that is not known after so many bytes is 'lost': the longest is an HTTP head with a Kerberos token of 64 KiB
 * in base64.
 */
export const FRAME_BYTES_MAX = 131_072

/** One message of a carrier, JSON-ready except for the token in its step. */
export interface CarrierMessage {
  /** `smb2`, `smb1`, `http`, `ldap`, `kdc`, `tls` */
  readonly protocol: string
  /** the message's name in its specification: `NEGOTIATE`, `SESSION_SETUP`, `bindRequest`, `response` */
  readonly type: string
  readonly from: Side
  /** the service this message belongs to, as pairs are counted */
  readonly service: Service
  /**
   * what `messages` prints beside the common names; null: no line of its own (its token has one, or it only feeds the
   * fold)
   */
  readonly fields: Readonly<Record<string, unknown>> | null
  readonly steps: readonly AuthStep[]
}

/** The closed list of services: the third part of a pair's key. */
export type Service =
  | 'smb'
  | 'http'
  | 'http-proxy'
  | 'winrm'
  | 'ldap'
  | 'rpc'
  | 'mssql'
  | 'smtp'
  | 'imap'
  | 'pop3'
  | 'nntp'
  | 'rdp'
  | 'radius'
  | 'ppp'
  | 'dns'
  | 'socks'
  | 'sip'
  | 'ftp'
  | 'postgresql'
  | 'xmpp'
  | 'nfs'
  | 'kdc'
  | 'unknown'

/**
 * What a carrier tells the fold over exchanges. Everything about one protocol that the fold needs is in these shapes;
 * `pipe`, `initial` and `handshake` go to dissection.
 */
export type AuthStep =
  | OfferStep
  | LegStep
  | TrafficStep
  | CallStep
  | FactsStep
  | KdcStep
  | ContextStep
  | InterfacesStep
  | PipeStep
  | InitialStep
  | EapStep
  | NetworkStep
  | HandshakeStep

/** The server says what it accepts, outside any one authentication (NEGOTIATE response, 401, rootDSE). */
export interface OfferStep {
  readonly kind: 'offer'
  /** as the wire names them: `Negotiate`, `NTLM`, `Basic`, `GSS-SPNEGO`; empty where the token alone says it */
  readonly methods: readonly string[]
  /** a SPNEGO hint token (NegTokenInit2), borrowed, or null */
  readonly token: Uint8Array | null
  /** `proxy` for offers of a proxy, which stand apart from those of the origin server */
  readonly slot: string
}

/** One leg of one authentication: client token, server token, result. */
export interface LegStep {
  readonly kind: 'leg'
  readonly from: Side
  /**
   * the session or context within the connection: SMB2 SessionId, SMB1 UID, RPC auth_context_id; '' where there is one
   * at a time
   */
  readonly slot: string
  /**
   * joins an answer to its request (MessageId, MID, messageID); null: the answer belongs to the latest request of the
   * slot
   */
  readonly message: string | null
  /**
   * how the carrier names what is spoken: `SPNEGO`, `Negotiate`, `NTLM`, `Kerberos`, `GSSAPI`, `GSS-SPNEGO`, `simple`,
   * `Sicily`, `Basic`, `LM/NTLM`
   */
  readonly method: string | null
  /** the method itself says NTLM, no negotiation took place (wire-shape "direct") */
  readonly direct: boolean
  /** borrowed; null where this leg has none */
  readonly token: Uint8Array | null
  /** server legs: what the carrier's status says; null on client legs and where the status does not tell */
  readonly outcome: 'continue' | 'success' | 'failure' | null
  readonly status: Status | null
  /** who, where the carrier itself says so (simple bind, Basic, SMB1 without extended security) */
  readonly principal: Principal | null
  /** NTLM without NTLMSSP (SMB1 LM/NT responses), already classified */
  readonly plainNtlm: 'LM' | 'NTLMv1' | 'NTLMv2' | 'anonymous' | 'plaintext' | null
  /** the server made it a guest or a null session */
  readonly session: 'guest' | 'anonymous' | 'encrypted' | null
  /** facts about the session that this leg brings */
  readonly facts: ConnectionFacts | null
  /** facts about this one authentication, of several in the connection; each leg adds to them */
  readonly rpc: Partial<RpcFacts> | null
  /** client legs of SMB2: how the session is set up */
  readonly smb: SmbSetup | null
}

/**
 * What most legs leave open. It has a `from` that nobody sees: an object that is spread and then given a property more
 * gets a hidden class of its own in V8, 400 bytes and, measured, twenty times the time of a literal; one whose
 * properties are only replaced does not.
 */
const LEG = {
  kind: 'leg',
  from: 'client',
  slot: '',
  message: null,
  method: null,
  direct: false,
  token: null,
  outcome: null,
  status: null,
  principal: null,
  plainNtlm: null,
  session: null,
  facts: null,
  rpc: null,
  smb: null,
} as const
export const EMPTY_LEG: Omit<typeof LEG, 'from'> = LEG

/** Ordinary messages after the authentication: the only proof of signing and sealing. */
export interface TrafficStep {
  readonly kind: 'traffic'
  readonly from: Side
  readonly slot: string
  readonly protection: 'signed' | 'sealed' | 'clear'
  /** the server accepted it (an unsigned request that was refused proves nothing about effective signing) */
  readonly refused: boolean
  /** how it was protected, where the bytes tell: `NTLM signature`, `CFX wrap`, `RFC 4757 wrap`, `SMB2 TRANSFORM` */
  readonly how: string | null
}

/**
 * A call made under an authentication, or its answer: the first one tells how an authentication went that has no answer
 * of its own.
 */
export interface CallStep {
  readonly kind: 'call'
  readonly from: Side
  /**
   * as in the legs; where the message does not name its security context, what all slots of the conversation begin with
   */
  readonly slot: string
  /** joins an answer to its call, and a refusal to the leg that it refuses */
  readonly message: string
  /** as in `TrafficStep`; null: a refusal, which is no traffic */
  readonly protection: TrafficStep['protection'] | null
  /** answers: what they say about the authentication; null: nothing, as every call */
  readonly outcome: 'success' | 'failure' | null
  readonly status: Status | null
  /**
   * requests: what is called, by the presentation context of its interface (p_cont_id, opnum); null: not a request, or
   * not kept
   */
  readonly called: { readonly association: string; readonly context: number; readonly opnum: number } | null
}

/** Which interfaces the calls of an association mean, by presentation context (p_cont_id). */
export interface InterfacesStep {
  readonly kind: 'interfaces'
  /** the association within the conversation; '' where it is the conversation */
  readonly association: string
  /** UUIDs, lower case */
  readonly interfaces: readonly { readonly context: number; readonly interface: string }[]
}

/** An Initial packet of QUIC: dissection opens it, and gives what it says to the carrier of TLS. */
export interface InitialStep {
  readonly kind: 'initial'
  /** borrowed */
  readonly packet: Uint8Array
}

/**
 * A part of TLS in EAP in RADIUS: dissection joins the parts of a handshake, and gives what is in clear of it to the
 * carrier of TLS.
 */
export interface EapStep {
  readonly kind: 'eap'
  /** `PEAP`: as the client named it, or the server asked for it; '': the end of whatever it was */
  readonly method: string
  readonly from: Side
  /** of RADIUS: an answer has that of its request */
  readonly message: string
  /** State, which the client gives back; borrowed; null: none */
  readonly state: Uint8Array | null
  /** of EAP: what is sent again has the same */
  readonly identifier: number
  /** the message goes on in the next part */
  readonly goesOn: boolean
  /** borrowed; empty: it acknowledges a part */
  readonly data: Uint8Array
  /** the server has decided */
  readonly ends: boolean
  /** somebody opens it: whether it hides anything he says (`network`) */
  readonly isFollowed: boolean
}

/** A logon of this method goes by, or went: it is counted, and nothing more is known of it. */
export interface NetworkStep {
  readonly kind: 'network'
  readonly method: string
}

/**
 * What a TLS handshake shows of its server, and of the connections before it: dissection reads the certificates, and
 * joins a connection that is resumed to the one whose certificate it goes on with.
 */
export interface HandshakeStep {
  readonly kind: 'handshake'
  readonly from: Side
  readonly message:
    | 'ClientHello'
    | 'ServerHello'
    | 'Certificate'
    | 'CompressedCertificate'
    | 'NewSessionTicket'
    | 'ChangeCipherSpec'
    | 'opened'
    | 'sealed'
  /** Certificate: DER of the sender's own; borrowed; null: it has none */
  readonly certificate: Uint8Array | null
  /** Certificate: the rest of the list, as far as it is there, as `chainIn` reads it; borrowed; empty: there is none */
  readonly chain: Uint8Array
  /** CompressedCertificate, RFC 8879: 1 zlib, 2 brotli, 3 zstd; borrowed */
  readonly compressed: { readonly algorithm: number; readonly data: Uint8Array } | null
  /** ClientHello, ServerHello: session id, borrowed; empty: none, or TLS 1.3, where it means nothing */
  readonly session: Uint8Array
  /**
   * ClientHello: the identities of pre_shared_key (TLS 1.3), and behind them the ticket (35); NewSessionTicket: the new
   * one; borrowed
   */
  readonly tickets: readonly Uint8Array[]
  /** ServerHello of TLS 1.3: which of the client's identities it takes; null: none */
  readonly selected: number | null
  /**
   * ServerHello up to TLS 1.2 without a session id: that a ticket was taken shows only by the ChangeCipherSpec behind
   * it, where no certificate stands between them (RFC 5077 3.4)
   */
  readonly mayResumeUnnamed: boolean
  /** TLS 1.3 seals it: it is told by who has the keys */
  readonly isSealed: boolean
  /** what the one who has the keys says that the channel may be bound to: hexadecimal, public; null: no keys */
  readonly bindings: { readonly unique: string | null; readonly exporters: readonly string[] } | null
  /** sealed: bytes of a record's fragment that nobody opened; 0: some of them are missing, and with them their order */
  readonly sealedBytes: number
}

/**
 * Bytes of a conversation inside the conversation: a named pipe in SMB. Dissection joins the pieces and gives them to
 * the carrier of pipes; an authentication in there stands by itself.
 */
export interface PipeStep {
  readonly kind: 'pipe'
  readonly from: Side
  /** of the outer conversation */
  readonly session: string
  /** the pipe within the session; null: the one that `message` asked about */
  readonly file: string | null
  /** joins an answer to its request */
  readonly message: string
  /** requests that open it: its name without `\\` */
  readonly name: string | null
  /** borrowed; null: the step says only which file is meant */
  readonly bytes: Uint8Array | null
  /** the capture does not have all of them */
  readonly cut: boolean
}

/** Facts about the whole connection. */
export interface FactsStep {
  readonly kind: 'facts'
  readonly facts: ConnectionFacts
}

/** A Kerberos message to or from a KDC: the token is the message. */
export interface KdcStep {
  readonly kind: 'kdc'
  readonly from: Side
  readonly token: Uint8Array
}

/**
 * Something that is no authentication, but names a host or explains one: who asked it and who said it are the ends of
 * the conversation.
 */
export interface ContextStep {
  readonly kind: 'context'
  readonly from: Side
  readonly fact: ContextFact
}

export type ContextFact =
  | NameQuestion
  | NameAnswer
  | DomainPing
  | DomainAnswer
  | KdcContact
  | RpcCall
  | RdpSecurity
  | SentElsewhere
  | ShareAsked
  | ShareGiven
  | FileOpened
  | FileGiven
  | PieceAsked
  | FilePiece

/** A server sends a client to other servers: a DFS referral (MS-DFSC 2.2.4), a redirect of HTTP (RFC 9110 10.2.2). */
export interface SentElsewhere {
  readonly fact: 'sent-elsewhere'
  readonly by: 'dfs-referral' | 'http-redirect'
  /**
   * `host`: name or address, as it was given; `where`: what sends there, the path of a DFS link (`\corp\dfs\link`) or
   * the URL without its query
   */
  readonly links: readonly { readonly host: string; readonly where: string }[]
}

/** A client connects to SYSVOL or NETLOGON. */
export interface ShareAsked {
  readonly fact: 'share-asked'
  readonly message: string
  /** `\\server\share` */
  readonly path: string
}

/** A share was connected to: the number by which files in it are opened. */
export interface ShareGiven {
  readonly fact: 'share-given'
  readonly message: string
  readonly tree: number
}

/** A logon script, or a file of a group policy that names servers, is opened. */
export interface FileOpened {
  readonly fact: 'file-opened'
  readonly message: string
  readonly tree: number
  readonly name: string
  /** the name begins with server and share (MS-SMB2 2.2.1.2, SMB2_FLAGS_DFS_OPERATIONS) */
  readonly isWhole: boolean
}

/** A file was opened: the number by which it is read, and its length in bytes. */
export interface FileGiven {
  readonly fact: 'file-given'
  readonly message: string
  readonly file: string
  readonly bytes: number
}

/** A part of a file is asked for; `file` or, before it has a number, `opens`: the message that opens it. */
export interface PieceAsked {
  readonly fact: 'piece-asked'
  readonly message: string
  readonly file: string | null
  readonly opens: string | null
  readonly offset: number
}

/** What a part of a file that was read says of hosts: nothing else of it is kept. */
export interface FilePiece {
  readonly fact: 'file-piece'
  readonly message: string
  /** that were looked at */
  readonly bytes: number
  readonly mentions: Mentions
}

/**
 * Which protocols a client of RDP asks for, or the one that the server chooses, MS-RDPBCGR 2.2.1.1.1 and 2.2.1.2.1:
 * `RDP` (its own security), `SSL`, `HYBRID`...
 */
export interface RdpSecurity {
  readonly fact: 'rdp-security'
  readonly asked: readonly string[] | null
  readonly chosen: string | null
}

/** Somebody opens a connection to port 88, and what becomes of it before anybody speaks. */
export interface KdcContact {
  readonly fact: 'kdc-contact'
  /** a SYN; an answer that accepts it; an RST; an ICMP error about a packet to the KDC, over TCP or UDP */
  readonly what: 'opening' | 'opened' | 'refused' | 'unreachable'
}

/** Which protocol resolved a name. */
export type NameProtocol = 'dns' | 'mdns' | 'llmnr' | 'nbns'

/** Somebody asks for a name. */
export interface NameQuestion {
  readonly fact: 'name-question'
  readonly protocol: NameProtocol
  /**
   * joins an answer to its question within the conversation (the message id); asked of everybody it does not say who
   * answers
   */
  readonly message: string
  /** as asked, without the last dot; a NetBIOS name without its padding and suffix */
  readonly name: string
  /** record type: `A`, `AAAA`, `CNAME`, `SRV`, `PTR`, `NB`, or `TYPE65` where it has no name here */
  readonly type: string
}

/** Somebody answers for a name: what it stands for, or that it does not exist. */
export interface NameAnswer {
  readonly fact: 'name-answer'
  readonly protocol: NameProtocol
  readonly message: string
  /** what was asked, where the answer repeats it; null: an announcement */
  readonly name: string | null
  readonly type: string | null
  /** RFC 1035 4.1.1: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`... */
  readonly code: string
  /** answers and additional records of the types that name hosts, bounded */
  readonly records: readonly NameRecord[]
}

/** One resource record, RFC 1035 3.2. */
export interface NameRecord {
  readonly name: string
  /** NB records (RFC 1002 4.2.1.3) come as `NB`, with one address each */
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'NB'
  /** A, AAAA and NB: the address in canonical text; CNAME, SRV and PTR: the name it points to */
  readonly value: string
  readonly ttlSeconds: number
}

/** A client looks for a domain controller by CLDAP, MS-ADTS 6.3.3. */
export interface DomainPing {
  readonly fact: 'domain-ping'
  readonly message: string
  /** DnsDomain of the filter, or null */
  readonly domain: string | null
}

/** The answer of a domain controller, MS-ADTS 6.3.1; names are null where it gives none. */
export interface DomainAnswer {
  readonly fact: 'domain-answer'
  readonly message: string
  readonly dnsDomain: string | null
  readonly dnsForest: string | null
  readonly dnsHost: string | null
  readonly netbiosDomain: string | null
  readonly netbiosHost: string | null
}

/**
 * What a call explains: a server that asks its domain controller about a logon, a host that is made to connect
 * elsewhere, secrets that are copied.
 */
export type RpcCallMeaning = 'pass-through' | 'coercion' | 'replication'

/** A remote procedure call that tells something. */
export interface RpcCall {
  readonly fact: 'rpc-call'
  /** interface UUID, lower case with hyphens */
  readonly interface: string
  /** C706 12.6.4.9: number of the operation; it is in clear even where the arguments are sealed */
  readonly opnum: number
  /** short names: `netlogon`, `NetrLogonSamLogonWithFlags` */
  readonly interfaceName: string | null
  readonly operation: string
  readonly tells: RpcCallMeaning
}

export interface Status {
  readonly code: number
  /** `STATUS_LOGON_FAILURE`, `invalidCredentials`, `401`: the specification's name */
  readonly name: string
  /** further text of the server that is safe to show, as the `data 52e` of an LDAP diagnosticMessage */
  readonly detail: string | null
}

export interface Principal {
  readonly user: string
  readonly domain: string
  readonly workstation: string
}

export type SigningPolicy = 'required' | 'enabled' | 'disabled' | 'unknown'

/** Partial knowledge of a connection; later steps add to earlier ones. */
export interface ConnectionFacts {
  readonly smb?: Partial<SmbFacts>
  readonly ldap?: Partial<LdapFacts>
  readonly http?: Partial<HttpFacts>
  readonly tls?: Partial<TlsFacts>
  /**
   * logons of this service went or may have gone through TLS within the conversation: what the rest of it shows is not
   * all
   */
  readonly hidden?: Service
  /** what RDP chose to be protected by: `SSL` (TLS alone), `HYBRID`, `HYBRID_EX` (CredSSP in it), `RDSTLS`, `RDSAAD` */
  readonly desktop?: string
  /**
   * HTTP/2 is spoken, whose headers are not read: a logon in them is hidden; 'refused': the server wants HTTP/1.1 for
   * it
   */
  readonly http2?: 'hidden' | 'refused'
  /** the service that was spoken in clear until TLS began (STARTTLS) */
  readonly service?: Service
  /**
   * the user whose logon the client has just taken for done: its response was sent before, in datagrams that have no
   * order of their own
   */
  readonly loggedOn?: Principal
  /**
   * a name by which the client called the server (SMB NETNAME context, TREE_CONNECT path, HTTP Host, TLS SNI), as typed
   */
  readonly serverName?: string
  /**
   * `host:port` to which the client asks a proxy to connect it; true of what follows once this conversation is 'tunnel'
   */
  readonly tunnel?: string
}

export interface SmbFacts {
  /** `2.0.2` `2.1` `3.0` `3.0.2` `3.1.1`, `NT LM 0.12` or the SMB1 dialect string chosen */
  readonly dialect: string
  readonly clientPolicy: SigningPolicy
  /** SecurityMode of SESSION_SETUP: what the client will do in this session, after the server's demand */
  readonly sessionPolicy: SigningPolicy
  readonly serverPolicy: SigningPolicy
  /** `AES-128-GCM`...: 3.1.1 negotiate context; null where none was agreed */
  readonly cipher: string | null
  readonly signingAlgorithm: string | null
  readonly serverGuid: string
  readonly clientGuid: string
  /** the session of which the server has just said that it has expired: the client is to authenticate again */
  readonly expiredSession: string
}

/** What a SESSION_SETUP request says of its session, MS-SMB2 2.2.5. */
export interface SmbSetup {
  /** SMB2_SESSION_FLAG_BINDING: this connection becomes a further channel of the session that the header names */
  readonly binding: boolean
  /** SMB2_FLAGS_SIGNED: a binding must be (3.3.5.5) */
  readonly signed: boolean
  /** PreviousSessionId in hexadecimal: the session of a lost connection that this one takes the place of; null: none */
  readonly previousId: string | null
}

/** A security context of RPC, MS-RPCE 2.2.2.11. */
export interface RpcFacts {
  /** UUID of the interface that was bound when it began, lower case */
  readonly interface: string
  /** `lsarpc`; null: not in our table */
  readonly interfaceName: string | null
  /** 9 SPNEGO, 10 NTLM, 14 Schannel, 16 Kerberos, 68 Netlogon */
  readonly authType: number
  /** 1 none, 2 connect, 3 call, 4 packet, 5 integrity, 6 privacy */
  readonly authLevel: number
  /** inside SMB: the name of the pipe, '' where it is not known; absent over TCP */
  readonly pipe: string
  /** inside SMB: the slot of the session around it; absent over TCP */
  readonly session: string
}

export interface LdapFacts {
  /** StartTLS accepted on this connection */
  readonly startTls: boolean
}

export interface HttpFacts {
  readonly host: string
  readonly proxy: boolean
  readonly userAgent: string
  readonly serverSoftware: string
  readonly method: string
  /** of the latest request, without its query */
  readonly path: string
  /** what its path belongs to: `WSUS`, `AD CS web enrolment`; null: nothing tells */
  readonly application: string | null
  /** Persistent-Auth (MS-NTHT 2.2.4): the authentication holds for the connection, or for this request alone */
  readonly persistentAuth: boolean
}

export interface TlsFacts {
  /** `1.0` ... `1.3` as negotiated, or as far as seen */
  readonly version: string
  readonly serverName: string
  /** what the server chose, and by commas what the client offers */
  readonly alpn: string
  readonly alpnOffered: string
  /** registered name: `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`; `0x1234` where it has none here */
  readonly cipherSuite: string
  /** the server asked the client for a certificate */
  readonly asksForCertificate: boolean
  /** an alert in clear that ended the handshake, by its name in RFC 8446 6: `unknown_ca`, and who sent it */
  readonly alert: string
  readonly alertFrom: Side
  /** who ended it with a close_notify, where that was opened */
  readonly closedBy: Side
  /** the outer name of an encrypted ClientHello is not that of the server */
  readonly hasEncryptedHello: boolean
}
