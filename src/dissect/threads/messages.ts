/**
 * The messages of a token as numbers and texts: as much of each as told.ts names.
 */
import type { TokenMessage } from '../../../decoders/token.ts'
import type { ToldAuthenticate, ToldChallenge, ToldKerberos, ToldToken } from '../told.ts'
import type { Packer, Unpacker } from './packing.ts'

/** kinds of message in a token */
const KERBEROS = 0
const SPNEGO_INIT = 1
const SPNEGO_RESPONSE = 2
const NTLM_NEGOTIATE = 3
const NTLM_CHALLENGE = 4
const NTLM_AUTHENTICATE = 5
const NEGOEX = 6

export function packMessage(out: Packer, message: TokenMessage): void {
  switch (message.type) {
    case 'NegTokenInit':
    case 'NegTokenInit2':
      out.number(SPNEGO_INIT)
      out.text(message.type)
      out.texts(message.mechTypes)
      return
    case 'NegTokenResp':
      out.number(SPNEGO_RESPONSE)
      out.textOrNull(message.negState)
      out.textOrNull(message.supportedMech)
      out.texts(message.supportedMechs)
      return
    case 'NEGOTIATE_MESSAGE':
      out.number(NTLM_NEGOTIATE)
      out.number(message.negotiateFlags)
      out.object(message.version)
      return
    case 'CHALLENGE_MESSAGE':
      out.number(NTLM_CHALLENGE)
      packChallenge(out, message)
      return
    case 'AUTHENTICATE_MESSAGE':
      out.number(NTLM_AUTHENTICATE)
      packAuthenticate(out, message)
      return
    case 'NEGOEX':
      out.number(NEGOEX)
      return
    default:
      out.number(KERBEROS)
      packKerberos(out, message)
  }
}

export function messageOf(from: Unpacker): ToldToken['message'] {
  switch (from.number()) {
    case KERBEROS:
      return kerberosOf(from)
    case SPNEGO_INIT:
      return { protocol: 'spnego', type: from.text<'NegTokenInit' | 'NegTokenInit2'>(), mechTypes: from.texts() ?? [] }
    case SPNEGO_RESPONSE:
      return {
        protocol: 'spnego',
        type: 'NegTokenResp',
        negState: from.textOrNull(),
        supportedMech: from.textOrNull(),
        supportedMechs: from.texts(),
      }
    case NTLM_NEGOTIATE:
      return {
        protocol: 'ntlmssp',
        type: 'NEGOTIATE_MESSAGE',
        negotiateFlags: from.number(),
        version: from.object(),
      }
    case NTLM_CHALLENGE:
      return challengeOf(from)
    case NTLM_AUTHENTICATE:
      return authenticateOf(from)
    default:
      return { protocol: 'negoex', type: 'NEGOEX' }
  }
}

function packKerberos(out: Packer, message: ToldKerberos): void {
  out.text(message.type)
  out.text(message.wrapping)
  out.textOrNull(message.realm)
  out.textOrNull(message.cname)
  out.textOrNull(message.sname)
  out.numbers(message.etypes)
  out.numberOrNull(message.ticketEtype)
  out.textOrNull(message.ticketRealm)
  out.textOrNull(message.ticketSname)
  out.numberOrNull(message.ticketMark)
  out.numberOrNull(message.encPartEtype)
  out.numbers(message.padata)
  out.numberOrNull(message.preauthEtype)
  out.flag(message.armored)
  out.numberOrNull(message.kdcOptions)
  out.numberOrNull(message.from)
  out.numberOrNull(message.till)
  out.numberOrNull(message.nonce)
  out.textOrNull(message.netbiosName)
  out.numberOrNull(message.apOptions)
  out.textOrNull(message.forUser)
  out.textOrNull(message.additionalTicketSname)
  out.numberOrNull(message.errorCode)
  out.numberOrNull(message.errorStatus)
  out.textOrNull(message.errorText)
  out.numberOrNull(message.serverTime)
}

function kerberosOf(from: Unpacker): ToldKerberos {
  return {
    protocol: 'kerberos',
    type: from.text(),
    wrapping: from.text(),
    realm: from.textOrNull(),
    cname: from.textOrNull(),
    sname: from.textOrNull(),
    etypes: from.numbers(),
    ticketEtype: from.numberOrNull(),
    ticketRealm: from.textOrNull(),
    ticketSname: from.textOrNull(),
    ticketMark: from.numberOrNull(),
    encPartEtype: from.numberOrNull(),
    padata: from.numbers(),
    preauthEtype: from.numberOrNull(),
    armored: from.flag(),
    kdcOptions: from.numberOrNull(),
    from: from.numberOrNull(),
    till: from.numberOrNull(),
    nonce: from.numberOrNull(),
    netbiosName: from.textOrNull(),
    apOptions: from.numberOrNull(),
    forUser: from.textOrNull(),
    additionalTicketSname: from.textOrNull(),
    errorCode: from.numberOrNull(),
    errorStatus: from.numberOrNull(),
    errorText: from.textOrNull(),
    serverTime: from.numberOrNull(),
  }
}

function packChallenge(out: Packer, message: ToldChallenge): void {
  const { targetInfo } = message
  out.number(message.negotiateFlags)
  out.textOrNull(message.targetName)
  out.bytes(message.serverChallenge)
  out.object(message.version)
  out.flag(targetInfo !== null)
  if (targetInfo === null) return
  out.numberOrNull(targetInfo.timestamp)
  out.textOrNull(targetInfo.nbComputerName)
  out.textOrNull(targetInfo.nbDomainName)
  out.textOrNull(targetInfo.dnsComputerName)
  out.textOrNull(targetInfo.dnsDomainName)
  out.textOrNull(targetInfo.dnsTreeName)
}

function challengeOf(from: Unpacker): ToldChallenge {
  return {
    protocol: 'ntlmssp',
    type: 'CHALLENGE_MESSAGE',
    negotiateFlags: from.number(),
    targetName: from.textOrNull(),
    serverChallenge: from.bytes() ?? NO_BYTES,
    version: from.object(),
    targetInfo: from.flag()
      ? {
          timestamp: from.numberOrNull(),
          nbComputerName: from.textOrNull(),
          nbDomainName: from.textOrNull(),
          dnsComputerName: from.textOrNull(),
          dnsDomainName: from.textOrNull(),
          dnsTreeName: from.textOrNull(),
        }
      : null,
  }
}

function packAuthenticate(out: Packer, message: ToldAuthenticate): void {
  const host = message.targetInfo?.singleHost ?? null
  out.number(message.negotiateFlags)
  out.text(message.userName)
  out.text(message.domainName)
  out.text(message.workstation)
  out.text(message.ntlmVersion)
  out.flag(message.lmResponsePresent)
  out.bytes(message.ntResponse)
  out.textOrNull(message.targetSpn)
  out.bytes(message.channelBindings)
  out.flag(message.mic)
  out.numberOrNull(message.avFlags)
  out.textOrNull(message.nameEncoding)
  out.object(message.version)
  out.flag(message.targetInfo !== null)
  out.flag(host !== null)
  if (host === null) return
  out.number(host.tokenIntegrityLevel)
  out.number(host.flags)
  out.bytes(host.permanentMachineId)
}

function authenticateOf(from: Unpacker): ToldAuthenticate {
  return {
    protocol: 'ntlmssp',
    type: 'AUTHENTICATE_MESSAGE',
    negotiateFlags: from.number(),
    userName: from.text(),
    domainName: from.text(),
    workstation: from.text(),
    ntlmVersion: from.text(),
    lmResponsePresent: from.flag(),
    ntResponse: from.bytes() ?? NO_BYTES,
    targetSpn: from.textOrNull(),
    channelBindings: from.bytes(),
    mic: from.flag(),
    avFlags: from.numberOrNull(),
    nameEncoding: from.textOrNull(),
    version: from.object(),
    targetInfo: targetInfoOf(from),
  }
}

function targetInfoOf(from: Unpacker): ToldAuthenticate['targetInfo'] {
  const isThere = from.flag()
  const singleHost = from.flag()
    ? { tokenIntegrityLevel: from.number(), flags: from.number(), permanentMachineId: from.bytes() }
    : null
  return isThere ? { singleHost } : null
}

const NO_BYTES = new Uint8Array(0)
