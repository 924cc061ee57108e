/**
 * Every carrier, one line each, in the order of probing.
 */
import type { Carrier } from './carrier.ts'
import { contact } from './carriers/contact.ts'
import { credssp } from './carriers/credssp.ts'
import { ftp } from './carriers/ftp.ts'
import { http } from './carriers/http/http.ts'
import { http2 } from './carriers/http/http2.ts'
import { kdcTcp, kdcUdp, kpasswdTcp, kpasswdUdp } from './carriers/kdc.ts'
import { ldap } from './carriers/ldap/ldap.ts'
import { imap, nntp, pop3, smtp } from './carriers/mail/mail.ts'
import { cldap } from './carriers/names/cldap.ts'
import { dns, dnsTcp, llmnr, mdns, tkeyUdp } from './carriers/names/dns.ts'
import { nbns } from './carriers/names/nbns.ts'
import { nfs } from './carriers/nfs.ts'
import { postgresql } from './carriers/postgresql.ts'
import { pppLogons } from './carriers/ppp.ts'
import { quic } from './carriers/quic.ts'
import { radius } from './carriers/radius.ts'
import { rdp } from './carriers/rdp.ts'
import { dcerpc } from './carriers/rpc/dcerpc.ts'
import { sip, sipUdp } from './carriers/sip.ts'
import { smb } from './carriers/smb/smb.ts'
import { socks } from './carriers/socks.ts'
import { tds } from './carriers/tds.ts'
import { tls } from './carriers/tls.ts'
import { inside, unclaimedTcp, unclaimedUdp } from './carriers/unclaimed/unclaimed.ts'
import { xmpp } from './carriers/xmpp.ts'

/** Order of probing where nothing is known: the cheapest and most certain signatures first. */
export const CARRIERS: readonly Carrier[] = [
  smb,
  tls,
  http,
  http2,
  ldap,
  dcerpc,
  tds,
  rdp,
  credssp,
  smtp,
  imap,
  pop3,
  nntp,
  ftp,
  nfs,
  postgresql,
  xmpp,
  sip,
  sipUdp,
  socks,
  kdcTcp,
  kdcUdp,
  kpasswdTcp,
  kpasswdUdp,
  radius,
  pppLogons,
  quic,
  dnsTcp,
  tkeyUdp,
  dns,
  mdns,
  llmnr,
  nbns,
  cldap,
  contact,
  unclaimedTcp,
  unclaimedUdp,
  inside,
]
