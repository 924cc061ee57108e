/**
 * Messages as they travel to a KDC and to kpasswd, built by hand. `tokens` is what each carrier must cut out of them.
 */
import type { Side } from '../../decoders/carrier.ts'
import { concat } from '../builders/der.ts'
import {
  apRep,
  apReq,
  asRep,
  asReq,
  kpasswd,
  krbError,
  krbPriv,
  name,
  paTgsReq,
  tcpRecord,
  tgsRep,
  tgsReq,
} from '../builders/kerberos.ts'

export interface KdcSample {
  readonly name: string
  readonly from: Side
  readonly datagram: Uint8Array
  readonly record: Uint8Array
  readonly tokens: readonly Uint8Array[]
}

const KRBTGT = name('krbtgt/LAB', 2)
const ticket = (cipher: number) => ({
  realm: 'LAB',
  sname: KRBTGT,
  encPart: { etype: 18, kvno: 2, cipher: new Uint8Array(cipher) },
})
const request = { realm: 'LAB', sname: KRBTGT, etypes: [18, 17] }
const reply = (cipher: number) => ({
  crealm: 'LAB',
  cname: name('alice'),
  ticket: ticket(cipher),
  encPart: { etype: 18 },
})
const error = krbError({ stime: '20240229120000Z', errorCode: 7, realm: 'LAB', sname: KRBTGT })

/** Lengths of one, two and three octets. */
export const KDC: readonly KdcSample[] = [
  kdc('AS-REQ', 'client', asReq({ ...request, cname: name('alice') })),
  kdc('AS-REP', 'server', asRep(reply(1200))),
  kdc('TGS-REQ', 'client', tgsReq({ ...request, padata: [paTgsReq(ticket(1500), { etype: 18 })] })),
  kdc('TGS-REP with a large PAC', 'server', tgsRep(reply(70_000))),
  kdc('KRB-ERROR', 'server', error),
]

function kdc(title: string, from: Side, message: Uint8Array): KdcSample {
  return { name: title, from, datagram: message, record: tcpRecord(message), tokens: [message] }
}

const priv = krbPriv({ etype: 18 })
const setter = apReq(ticket(900), { etype: 18 })
const answer = apRep({ etype: 18 })

export const KPASSWD: readonly KdcSample[] = [
  kpasswdSample('set password', 'client', kpasswd(setter, priv), [setter, priv]),
  kpasswdSample('change password', 'client', kpasswd(setter, priv, 1), [setter, priv]),
  kpasswdSample('reply', 'server', kpasswd(answer, priv, 1), [answer, priv]),
  kpasswdSample('error', 'server', kpasswd(null, error, 1), [error]),
]

function kpasswdSample(title: string, from: Side, datagram: Uint8Array, tokens: readonly Uint8Array[]): KdcSample {
  return { name: title, from, datagram, record: tcpRecord(datagram), tokens }
}

/** Two requests in one segment, as a client that pipelines sends them. */
export const PIPELINE = concat(KDC[0]!.record, KDC[2]!.record)
