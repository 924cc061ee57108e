/**
 * One decoded message as a JSON-ready line: common fields first, then the message's own, in the order of its
 * specification.
 *
 * Responses, tickets and passwords have no field here: what could be cracked is never written. Described by
 * schema/messages.schema.json.
 */
import type { CarrierMessage } from '../../decoders/carrier.ts'
import type { KerberosMessage } from '../../decoders/mechanisms/kerberos.ts'
import {
  apOptionNames,
  errorName,
  kdcOptionNames,
  kerberosStatusName,
  pacOptionNames,
} from '../../decoders/mechanisms/kerberos-names.ts'
import { type NtlmMessage, negotiateFlagNames } from '../../decoders/mechanisms/ntlmssp.ts'
import type { Fault } from '../../decoders/outcome.ts'
import { hex, isoTime } from '../../decoders/parts/text.ts'
import type { DecodedToken, TokenMessage } from '../../decoders/token.ts'
import type { MessageContext } from './dissector.ts'

export type MessageLine = Readonly<Record<string, unknown>>

/** Where a line comes from: the capture's name and the number of the frame in it. */
export interface LineSource {
  readonly capture: string
  readonly frame: number
}

export function carrierLine(
  source: LineSource,
  context: MessageContext,
  message: CarrierMessage,
  fault: Fault | null,
): MessageLine {
  return line(source, context, message.protocol, message.type, message.fields ?? {}, fault)
}

export function tokenLine(source: LineSource, context: MessageContext, { message, fault }: DecodedToken): MessageLine {
  return line(source, context, message.protocol, message.type, tokenFields(message), fault)
}

function line(
  { capture, frame }: LineSource,
  context: MessageContext,
  protocol: string,
  type: string,
  fields: Readonly<Record<string, unknown>>,
  fault: Fault | null,
): MessageLine {
  const { conversation, from } = context
  const low = { ip: conversation.lowAddress, port: conversation.lowPort }
  const high = { ip: conversation.highAddress, port: conversation.highPort }
  return {
    capture,
    frame,
    time: isoTime(context.time),
    source: from === 0 ? low : high,
    destination: from === 0 ? high : low,
    carrier: context.carrier.name,
    protocol,
    type,
    ...fields,
    ...(fault ? { faults: [{ reason: fault.reason, where: fault.where }] } : {}),
  }
}

/** The fields of a mechanism message that may be written. */
export function tokenFields(message: TokenMessage): Readonly<Record<string, unknown>> {
  switch (message.protocol) {
    case 'ntlmssp':
      return ntlmFields(message)
    case 'kerberos':
      return kerberosFields(message)
    case 'spnego':
      return message.type === 'NegTokenResp'
        ? {
            negState: message.negState,
            supportedMech: message.supportedMech,
            ...(message.supportedMechs ? { supportedMechs: message.supportedMechs } : {}),
            mechListMic: message.mechListMic,
          }
        : { mechTypes: message.mechTypes, hintName: message.hintName, mechListMic: message.mechListMic }
    default: {
      const { protocol: _protocol, type: _type, ...fields } = message
      return fields
    }
  }
}

function ntlmFields(message: NtlmMessage): Readonly<Record<string, unknown>> {
  const negotiateFlags = negotiateFlagNames(message.negotiateFlags)
  switch (message.type) {
    case 'NEGOTIATE_MESSAGE':
      return {
        negotiateFlags,
        domainName: message.domainName,
        workstation: message.workstation,
        version: message.version,
      }
    case 'CHALLENGE_MESSAGE': {
      const info = message.targetInfo
      return {
        negotiateFlags,
        targetName: message.targetName,
        targetInfo: info && {
          nbComputerName: info.nbComputerName,
          nbDomainName: info.nbDomainName,
          dnsComputerName: info.dnsComputerName,
          dnsDomainName: info.dnsDomainName,
          dnsTreeName: info.dnsTreeName,
          timestamp: info.timestamp === null ? null : isoTime(info.timestamp),
        },
        version: message.version,
      }
    }
    case 'AUTHENTICATE_MESSAGE':
      return {
        negotiateFlags,
        userName: message.userName,
        domainName: message.domainName,
        workstation: message.workstation,
        ntlmVersion: message.ntlmVersion,
        targetSpn: message.targetSpn,
        channelBindings: message.channelBindings === null ? null : hex(message.channelBindings),
        mic: message.mic,
        avFlags: message.avFlags,
        nameEncoding: message.nameEncoding,
        version: message.version,
      }
  }
}

/** Fields that the message does not have are left out, so that an AS-REQ reads as an AS-REQ. */
function kerberosFields(message: KerberosMessage): Readonly<Record<string, unknown>> {
  return compact({
    realm: message.realm,
    cname: message.cname,
    sname: message.sname,
    etypes: message.etypes.length > 0 ? message.etypes : null,
    ticketEtype: message.ticketEtype,
    ticketRealm: message.ticketRealm,
    ticketSname: message.ticketSname,
    ticketKvno: message.ticketKvno,
    encPartEtype: message.encPartEtype,
    padata: message.padata.length > 0 ? message.padata : null,
    preauthEtype: message.preauthEtype,
    armored: message.armored || null,
    pacOptions: message.pacOptions === null ? null : pacOptionNames(message.pacOptions),
    kdcOptions: message.kdcOptions === null ? null : kdcOptionNames(message.kdcOptions),
    apOptions: message.apOptions === null ? null : apOptionNames(message.apOptions),
    netbiosName: message.netbiosName,
    forUser: message.forUser,
    additionalTickets: message.additionalTickets || null,
    errorCode: message.errorCode,
    errorName: message.errorCode === null ? null : errorName(message.errorCode),
    errorStatus: message.errorStatus === null ? null : kerberosStatusName(message.errorStatus),
    errorText: message.errorText,
    serverTime: message.serverTime === null ? null : isoTime(message.serverTime),
    wrapping: message.wrapping === 'none' ? null : message.wrapping,
    iakerbRealm: message.iakerbRealm,
  })
}

function compact(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
}
