/**
 * What each blind spot means, by its code, and what makes it go away.
 */

export interface SpotWords {
  readonly title: string
  /** what it means for what the report says */
  readonly means: string
  /** what to capture or to do, so that it is seen */
  readonly cure: string
}

const WHOLE = 'Capture for the whole time, from before the clients connect, at a point that sees both directions'
const LARGER = 'Read fewer captures at once, or a shorter time: filters of the command line keep the rest out'

export const SPOT_WORDS: Readonly<Record<string, SpotWords>> = {
  interrupted: {
    title: 'the reading was stopped',
    means: 'Nothing is said about what follows: it was not read',
    cure: 'Read to the end',
  },
  tls: {
    title: 'conversations in TLS',
    means: 'A logon inside, by NTLM or Kerberos, is not seen and is counted nowhere',
    cure: 'Give the keys (--keylog, --key), capture where TLS has ended, or look at the log of the server',
  },
  quic: {
    title: 'conversations in QUIC',
    means: 'A logon inside (SMB over QUIC, HTTP/3) is not seen and is counted nowhere',
    cure: 'Look at the log of the server, or have the client use TCP for the test',
  },
  http2: {
    title: 'conversations in HTTP/2',
    means: 'Its headers are compressed and not read: a logon in them (Kerberos or a password, never NTLM) is not seen',
    cure: 'Have the client use HTTP/1.1 for the test (curl --http1.1), or look at the log of the server',
  },
  'smb-encryption': {
    title: 'encrypted SMB sessions',
    means: 'The logon is seen; RPC and files inside of the session are not',
    cure: 'Nothing to mend: encryption is good. The log of the server tells the calls',
  },
  'smb-session': {
    title: 'SMB sessions whose logon is not there',
    means: 'A channel was bound or a session renewed, and how it logged on first is not in the capture',
    cure: 'End the sessions of the client, then capture while it connects anew',
  },
  'ntlm-unread': {
    title: 'NTLM tokens that nobody answers',
    means: 'They stand in mails, files or data of others and are no logons, or belong to a protocol that is not read',
    cure: 'List them with ntlmscope messages; report a protocol that is not read',
  },
  'ntlm-elsewhere': {
    title: 'NTLM tokens outside of TCP and UDP',
    means: 'Packets hold an NTLM token and are neither TCP nor UDP: seen, and not decoded',
    cure: 'Look at the packets with another program, and report the protocol',
  },
  'one-sided': {
    title: 'one direction only',
    means: 'Offers or results of these connections are missing, so that causes and verdicts stay open',
    cure: 'Mirror both directions of the port: an asymmetric path or one half of a tap shows one side only',
  },
  midstream: {
    title: 'connections that began before the capture',
    means: 'How they authenticated is not in it; with SMB that may have been hours before',
    cure: 'End the sessions of the client (or restart it), and capture while it connects anew',
  },
  idle: {
    title: 'connections that said nothing',
    means:
      'They began before the capture, and only acknowledgements or their end are in it: how they authenticated is not',
    cure: 'Begin the capture before the client connects: end its sessions, then capture while it connects anew',
  },
  unfinished: {
    title: 'logons that the end of the capture cut',
    means:
      'Somebody was logging on, or about to, when the capture ended: by what mechanism and with what result is open',
    cure: 'Capture a minute longer than the action takes, until the client has what it came for, and read again',
  },
  loss: {
    title: 'holes in conversations',
    means: 'Bytes were sent and are not in the capture: a logon may have been in them',
    cure: 'Capture on a faster machine or with a larger buffer, and look for an overbooked mirror port',
  },
  dropped: {
    title: 'packets that the capture program dropped',
    means: 'Anything may have been in them',
    cure: 'Raise the buffer (dumpcap -B, tcpdump -B), write to a faster disk, or capture less',
  },
  'capture-filter': {
    title: 'a filter of the capture',
    means: 'What it kept out was not seen: a filter for port 445 hides the KDC, and so the causes',
    cure: 'Capture without a filter, or with one that lets ports 53, 88, 137, 389, 464 and 5355 pass too',
  },
  'snap-length': {
    title: 'packets cut short',
    means: 'The end of messages is missing; tickets and tokens are long',
    cure: 'Capture with the full length (tcpdump -s 0)',
  },
  'messages-cut': {
    title: 'messages that are not whole',
    means: 'Loss, the snap length or the end of the capture took a part of them',
    cure: WHOLE,
  },
  'messages-too-long': {
    title: 'messages beyond the limit of length',
    means: 'They were stepped over; no message of authentication is that long',
    cure: 'Nothing, as long as there are few of them',
  },
  unreadable: {
    title: 'messages that could not be read',
    means: 'They are damaged, or of a form that is not known: what they say is not counted',
    cure: 'Compare with another program, and report a form that is not known',
  },
  internal: {
    title: 'messages lost to an error of this program',
    means: 'A mistake of ours: what these messages say is not counted',
    cure: 'Please report it, with the capture where you can',
  },
  accounting: {
    title: 'numbers that do not add up',
    means: 'Packets or messages were lost inside of this program: a mistake of ours',
    cure: 'Please report it, with the capture where you can',
  },
  '802.11': {
    title: 'wireless packets',
    means: 'Packets of 802.11 are not read',
    cure: 'Capture behind the access point, on the wire',
  },
  input: {
    title: 'inputs that could not be read',
    means: 'A file that was named, or that looks like a capture, is not in the report',
    cure: 'See the reason beside its name, and mend or convert the file (editcap)',
  },
  'link-type': {
    title: 'a link type that is not read',
    means: 'All packets of such an interface are missing',
    cure: 'Capture on Ethernet, or convert the capture',
  },
  ethertype: {
    title: 'an EtherType that is not read',
    means: 'The packets wrap others, or are of a protocol that is not known: there may be IP in them',
    cure: 'Take the wrapper off where you mirror, and report the EtherType',
  },
  mirror: {
    title: 'a wrapper of mirrored packets that is not read',
    means: 'UDP datagrams hold packets of others: nothing of them was read',
    cure: 'Have the switch mirror with ERSPAN, VXLAN, GENEVE or TZSP, or take the wrapper off',
  },
  fragments: {
    title: 'IP fragments without their others',
    means: 'A datagram never became complete; Kerberos over UDP comes in fragments',
    cure: WHOLE,
  },
  'tunnel-depth': {
    title: 'too many encapsulations',
    means: 'Packets in more tunnels than the limit were not read',
    cure: 'Capture nearer to the hosts, inside of the tunnels',
  },
  'headers-cut': {
    title: 'packets cut inside their headers',
    means: 'Not even the addresses could be read',
    cure: 'Capture with the full length (tcpdump -s 0)',
  },
  evicted: {
    title: 'conversations that were forgotten',
    means: 'Too many were open at once: what such a conversation did later is not joined to its beginning',
    cure: LARGER,
  },
  overflow: {
    title: 'a limit of this program',
    means: 'A list of the report is not complete; its code says which',
    cure: LARGER,
  },
  'exchanges-not-listed': {
    title: 'authentications that are not listed one by one',
    means: 'Pairs and figures count all of them; the list of exchanges has the first ones',
    cure: 'Use --format ndjson, which prints each, or filters',
  },
  'kdc-not-listed': {
    title: 'exchanges with a KDC that are not listed',
    means: 'Causes and findings took all of them into account; the list kdc[] has the first ones',
    cure: LARGER,
  },
  pairs: {
    title: 'too many pairs',
    means: 'Authentications of the pairs beyond the limit are in no row',
    cure: LARGER,
  },
  conversations: {
    title: 'too many conversations',
    means: 'Expectations about flows without a logon may say not observed where others would have been seen',
    cure: LARGER,
  },
  findings: {
    title: 'too many findings',
    means: 'The places beyond the limit are not listed; rules and counts of the others are right',
    cure: LARGER,
  },
  figures: {
    title: 'figures that lack some',
    means: 'Authentications are missing in a part of the figures (services, causes or stretches of time)',
    cure: LARGER,
  },
  'roll-ups': {
    title: 'lists of places, servers, clients or accounts that lack some',
    means: 'Authentications beyond the limit of rows are in none of these lists; pairs have them',
    cure: LARGER,
  },
  'not-narrowed': {
    title: 'a part that could not be narrowed',
    means: 'A saved report does not list all of its exchanges: those that it lacks are not in what was narrowed',
    cure: 'Give the captures instead of the saved report',
  },
  'turned-away-untold': {
    title: 'attempts that nobody kept',
    means: 'Facts and reports that an older version saved do not hold attempts that ended without authentication',
    cure: 'Give the captures, or a report that was saved, or facts that were loaded, by this version',
  },
  'turned-away': {
    title: 'attempts that lack some',
    means: 'Attempts that ended without authentication, of the pairs beyond the limit, are in no row',
    cure: LARGER,
  },
  authentications: {
    title: 'too many authentications in one connection',
    means: 'Those beyond the limit of one connection are not counted',
    cure: 'Look at the connection: nothing usual authenticates that often',
  },
  'smb-sessions': {
    title: 'too many SMB sessions',
    means: 'A further channel may not have been joined to its session',
    cure: LARGER,
  },
  'decided-early': {
    title: 'causes that were decided early',
    means: 'They were decided before all that could explain them was read: a cause may be RC99 that has one',
    cure: LARGER,
  },
  names: {
    title: 'too many names',
    means: 'Hosts beyond the limit are shown by their addresses',
    cure: LARGER,
  },
  'kerberos-evidence': {
    title: 'Kerberos evidence that was forgotten',
    means: 'What KDCs said to some clients long before was forgotten: a cause may be RC99 that has one',
    cure: LARGER,
  },
  'pass-through': {
    title: 'logons that a server asked a domain controller about',
    means: 'The logon itself is not in the capture, and it was NTLM or Kerberos with a PAC to be checked',
    cure: 'Capture at the server that asked, or look at its log (event 4624)',
  },
  logs: {
    title: 'logs that do not cover the capture',
    means: 'Where a log has nothing, nothing is said: it may be of another time or host',
    cure: 'Give the logs of the hosts and times of the capture, with auditing on',
  },
}
