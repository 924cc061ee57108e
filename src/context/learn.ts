/**
 * What name services, pings of domain controllers and remote procedure calls tell about names and about KDCs that
 * cannot be reached.
 */
import type { ContextFact, KdcContact, NameAnswer, NameQuestion } from '../../decoders/carrier.ts'
import { KDC_PORT } from '../../decoders/carriers/contact.ts'
import type { KerberosMessage } from '../../decoders/mechanisms/kerberos.ts'
import type { Evidence } from './evidence.ts'
import type { HostNames } from './host-names.ts'
import type { NameOrigins } from './name-origins.ts'

interface Hearing {
  readonly evidence: Evidence
  readonly names: HostNames
  readonly origins: NameOrigins
  /** addresses of who said it, and to whom; and their ports */
  readonly sender: string
  readonly receiver: string
  readonly senderPort: number
  readonly receiverPort: number
  readonly time: number
  /** frame key */
  readonly frame: number
}

export function learnContext(fact: ContextFact, hearing: Hearing): void {
  const { evidence, names, sender, receiver, time, frame } = hearing
  switch (fact.fact) {
    case 'name-answer':
      nameAnswer(fact, hearing)
      break
    case 'domain-ping': {
      const what = `${receiver} port 389 (CLDAP)`
      const key = pingKey(receiver)
      evidence.kdcTried(sender, { at: 'ping', how: 'unanswered', what, kdc: receiver, time, frames: [frame], key })
      break
    }
    case 'domain-answer':
      evidence.kdcReached(receiver, pingKey(sender), time)
      evidence.kdcFound(receiver, 'ping', time)
      evidence.spoke(sender, receiver)
      names.learn(sender, fact.dnsHost ?? fact.netbiosHost, 'cldap', time, frame)
      break
    case 'kdc-contact':
      kdcContact(fact.what, hearing)
      break
    case 'rpc-call':
      if (fact.tells === 'pass-through') evidence.passedThrough(sender, time, frame)
      break
    case 'sent-elsewhere':
      hearing.origins.sentElsewhere(fact, toClient(hearing))
      break
    case 'share-asked':
      hearing.origins.shareAsked(fact, toServer(hearing))
      break
    case 'share-given':
      hearing.origins.shareGiven(fact, toClient(hearing))
      break
    case 'file-opened':
      hearing.origins.fileOpened(fact, toServer(hearing))
      break
    case 'file-given':
      hearing.origins.fileGiven(fact, toClient(hearing))
      break
    case 'piece-asked':
      hearing.origins.pieceAsked(fact, toServer(hearing))
      break
    case 'file-piece':
      hearing.origins.pieceGiven(fact, toClient(hearing))
      break
    case 'name-question':
      hearing.origins.asked(fact, sender, time)
      if (locatesKdc(fact)) {
        const what = `${fact.name} SRV`
        const key = `name ${fact.name.toLowerCase()}`
        evidence.kdcTried(sender, { at: 'name', how: 'unanswered', what, time, frames: [frame], key })
      }
      break
  }
}

function toClient({ sender, receiver, receiverPort, time, frame }: Hearing) {
  return { client: receiver, server: sender, port: receiverPort, time, frame }
}

function toServer({ sender, receiver, senderPort, time, frame }: Hearing) {
  return { client: sender, server: receiver, port: senderPort, time, frame }
}

/** A machine account, or the host name that an AS-REQ gives (RFC 4120 7.5.3, NetBIOS), is the name of who asks. */
export function learnPrincipal(
  names: HostNames,
  client: string,
  request: Pick<KerberosMessage, 'type' | 'netbiosName' | 'cname'>,
  time: number,
  frame: number,
): void {
  if (request.type !== 'AS-REQ') return
  const { netbiosName, cname } = request
  names.learn(client, netbiosName?.trim(), 'kerberos', time, frame)
  if (cname?.endsWith('$')) names.learn(client, cname.slice(0, -1), 'kerberos', time, frame)
}

function nameAnswer(fact: NameAnswer, hearing: Hearing): void {
  const { evidence, names, sender, receiver, time, frame } = hearing
  const { name, type, code, protocol } = fact
  evidence.spoke(sender, receiver)
  if (locatesKdc(fact)) {
    evidence.kdcReached(receiver, `name ${fact.name.toLowerCase()}`, time)
    if (fact.records.some((record) => record.type === 'SRV')) evidence.kdcFound(receiver, 'name', time)
    else evidence.kdcSilent(receiver, { at: 'name', how: 'name', what: `${name} ${code}`, time, frames: [frame] })
  }
  if (code !== 'NOERROR') return
  hearing.origins.resolved(fact, toClient(hearing))
  for (const record of fact.records) {
    if (record.type === 'A' || record.type === 'AAAA' || record.type === 'NB') {
      names.learn(record.value, record.name, protocol, time, frame)
      // behind a chain of aliases stands the address of what was asked for
      if (name !== null && name !== record.name && (type === 'A' || type === 'AAAA'))
        names.learn(record.value, name, protocol, time, frame)
    } else if (record.type === 'CNAME') {
      if (protocol === 'dns') names.learnAlias(record.name, record.value, time, frame, sender)
    } else if (record.type === 'PTR') {
      const address = reverseAddress(record.name)
      if (address !== null) names.learn(address, record.value, protocol, time, frame)
    }
  }
}

/** MS-ADTS 6.3.6: the names under which domain controllers register themselves. */
function locatesKdc(fact: NameQuestion | NameAnswer): fact is (NameQuestion | NameAnswer) & { readonly name: string } {
  return fact.type === 'SRV' && fact.name !== null && /^_(kerberos|ldap|gc)\._(tcp|udp)\./i.test(fact.name)
}

/** RFC 1035 3.5, IPv4 only. */
function reverseAddress(name: string): string | null {
  const found = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/i.exec(name)
  return found && `${found[4]}.${found[3]}.${found[2]}.${found[1]}`
}

/** The client is at the other end than port 88. */
function kdcContact(what: KdcContact['what'], hearing: Hearing): void {
  const { evidence, sender, receiver, senderPort, receiverPort, time, frame } = hearing
  const answers = senderPort === KDC_PORT
  const client = answers ? receiver : sender
  const kdc = answers ? sender : receiver
  const key = `${kdc} port ${answers ? receiverPort : senderPort}`
  if (what === 'opened') {
    evidence.kdcReached(client, key, time)
    evidence.kdcHeard(client, time)
    if (answers) evidence.spoke(kdc, client)
    return
  }
  // each written out: V8 defines members beside a spread one by one, and every connection to a KDC makes one of these
  const port = `${kdc} port ${KDC_PORT}`
  const frames = [frame]
  if (what === 'opening') {
    const question = `connection to ${kdc}`
    evidence.kdcTried(client, { at: 'kdc', how: 'unanswered', what: port, kdc, question, time, frames, key })
  } else if (what === 'refused')
    evidence.kdcRefused(client, { at: 'kdc', how: 'reset', what: port, kdc, time, frames, key })
  else evidence.kdcTried(client, { at: 'kdc', how: 'unreachable', what: port, kdc, time, frames, key })
}

/** Asked again, a ping has another message id. */
function pingKey(controller: string): string {
  return `${controller} cldap`
}
