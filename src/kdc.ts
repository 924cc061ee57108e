/**
 * What single messages to and from a KDC say: which request it was, whether two are the same, what an error names. Pure.
 */
import type { KerberosMessage } from '../decoders/kerberos.ts'
import { errorName, kerberosStatusName } from '../decoders/kerberos-names.ts'
import type { KdcExchange } from './exchange.ts'

/** An error alone does not tell which request it answers, but its sname does for a ticket-granting ticket. */
export function requestKind(request: KerberosMessage | null, answer: KerberosMessage | null): 'AS' | 'TGS' {
  if (request !== null) return request.type === 'AS-REQ' ? 'AS' : 'TGS'
  if (answer?.type === 'AS-REP') return 'AS'
  return answer?.type !== 'TGS-REP' && answer?.sname?.startsWith('krbtgt/') ? 'AS' : 'TGS'
}

export function sameRequest(one: KerberosMessage, two: KerberosMessage): boolean {
  return (
    one.type === two.type && one.sname === two.sname && one.cname === two.cname && one.preauthEtype === two.preauthEtype
  )
}

export function kdcError(answer: KerberosMessage | null): KdcExchange['error'] {
  if (answer === null || answer.type !== 'KRB-ERROR' || answer.errorCode === null) return null
  return {
    code: answer.errorCode,
    name: errorName(answer.errorCode),
    status: answer.errorStatus === null ? null : kerberosStatusName(answer.errorStatus),
  }
}
