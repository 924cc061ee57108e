/**
 * What an attempt keeps of the messages that it has seen.
 *
 * Thousands of attempts are open at a time, and stay as long as their conversation. Whole messages with their lists and
 * views were half of what one holds. Nothing borrowed is kept: byte fields are turned into text or a mark.
 */
import type { KerberosMessage } from '../../../decoders/mechanisms/kerberos.ts'
import type { AuthenticateMessage, ChallengeMessage, NtlmVersionField } from '../../../decoders/mechanisms/ntlmssp.ts'
import { interned } from '../../../decoders/parts/interned.ts'
import { hex } from '../../../decoders/parts/text.ts'
import type { ToldAuthenticate, ToldChallenge, ToldKerberos } from '../../dissect/told.ts'
import type { NtlmFacts } from '../../facts/exchange.ts'
import { isToolChallenge } from '../../facts/marks.ts'

/** Of a CHALLENGE_MESSAGE. */
export interface Challenged extends Pick<ChallengeMessage, 'negotiateFlags'> {
  readonly version: string | null
  readonly facts: NonNullable<NtlmFacts['challenge']>
}

/** Of an AUTHENTICATE_MESSAGE. */
export interface Authenticated
  extends Pick<
    AuthenticateMessage,
    'ntlmVersion' | 'negotiateFlags' | 'avFlags' | 'nameEncoding' | 'lmResponsePresent' | 'targetSpn'
  > {
  /** a part of it is missing: what it does not show it may have had */
  readonly isCut: boolean
  /** null: it stood in the part that is missing, as with the names */
  readonly mic: boolean | null
  readonly userName: string | null
  readonly domainName: string | null
  readonly workstation: string | null
  /** MsvAvChannelBindings in hexadecimal; '': sixteen zeros; null: absent, or cut off */
  readonly binding: string | null
}

/** Of an AP-REQ. */
export type TicketUse = Pick<
  KerberosMessage,
  'realm' | 'sname' | 'ticketRealm' | 'ticketSname' | 'ticketEtype' | 'ticketMark' | 'encPartEtype' | 'apOptions'
>

export function challengedBy({
  negotiateFlags,
  version,
  serverChallenge,
  targetName,
  targetInfo,
}: ToldChallenge): Challenged {
  return {
    negotiateFlags,
    version: versionText(version),
    facts: {
      timestamp: targetInfo != null && targetInfo.timestamp !== null,
      toolChallenge: isToolChallenge(serverChallenge),
      targetName,
      nbComputerName: targetInfo?.nbComputerName ?? null,
      nbDomainName: targetInfo?.nbDomainName ?? null,
      dnsComputerName: targetInfo?.dnsComputerName ?? null,
      dnsDomainName: targetInfo?.dnsDomainName ?? null,
      dnsTreeName: targetInfo?.dnsTreeName ?? null,
    },
  }
}

/** Zeros are no response: somebody has taken it out, and the MIC with it. */
export function isRemoved({ ntResponse }: ToldAuthenticate): boolean {
  return ntResponse.length >= PROOF_BYTES && ntResponse.subarray(0, PROOF_BYTES).every((byte) => byte === 0)
}

const PROOF_BYTES = 16

export function authenticatedBy(message: ToldAuthenticate, isCut: boolean, removed: boolean): Authenticated {
  const { channelBindings } = message
  const named = (name: string) => (isCut && name === '' ? null : name)
  return {
    ntlmVersion: message.ntlmVersion,
    negotiateFlags: message.negotiateFlags,
    isCut,
    mic: (isCut || removed) && !message.mic ? null : message.mic,
    avFlags: message.avFlags,
    nameEncoding: message.nameEncoding,
    lmResponsePresent: message.lmResponsePresent,
    targetSpn: message.targetSpn,
    userName: named(message.userName),
    domainName: named(message.domainName),
    workstation: named(message.workstation),
    binding: bindingText(channelBindings === null ? null : hex(channelBindings)),
  }
}

/** Sixteen zeros bind to nothing. */
export function bindingText(value: string | null): string | null {
  return value !== null && /^0*$/.test(value) ? '' : value
}

export function ticketUsedBy(message: ToldKerberos): TicketUse {
  const { realm, sname, ticketRealm, ticketSname, ticketEtype, ticketMark, encPartEtype, apOptions } = message
  return { realm, sname, ticketRealm, ticketSname, ticketEtype, ticketMark, encPartEtype, apOptions }
}

export function versionText(version: NtlmVersionField | null): string | null {
  return version === null ? null : interned(`${version.major}.${version.minor}.${version.build}`)
}
