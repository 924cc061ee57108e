import * as asn1js from 'asn1js'
import { describe, expect, it } from 'vitest'
import { type KerberosMessage, kerberos } from '../../decoders/mechanisms/kerberos.ts'
import {
  apOptionNames,
  errorName,
  etypeName,
  kdcOptionNames,
  kerberosStatusName,
  nameTypeName,
  pacOptionNames,
  padataName,
  s4uOptionNames,
} from '../../decoders/mechanisms/kerberos-names.ts'
import { concat, explicit, integer, sequence, text, tlv } from '../builders/der.ts'
import * as build from '../builders/kerberos.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import { AS, ERRORS, SALT, SAMPLES, TGS, TOKENS } from './kerberos.samples.ts'

describe('samples', () => {
  it.each(SAMPLES)('$name', ({ bytes, message }) => {
    expect(kerberos.claims(bytes)).toBe(true)
    expect(kerberos.decode(bytes)).toEqual({ value: message, fault: null })
  })

  it('keeps no cipher text and no salt, and nothing that borrows the token', () => {
    for (const { bytes } of SAMPLES) {
      const copy = bytes.slice()
      const { value } = kerberos.decode(copy)
      const before = JSON.stringify(value)
      expect(before).not.toContain('saltOfAlice')
      expect(before).not.toMatch(/c1c1|193,193|wcHB|\u00c1/i)
      copy.fill(0)
      expect(JSON.stringify(value)).toBe(before)
    }
    expect(SAMPLES.some(({ bytes }) => Buffer.from(bytes).includes(SALT))).toBe(true)
  })

  it('reads a token in the middle of a buffer, and is not disturbed by bytes behind it', () => {
    for (const { bytes, message } of [...AS, ...TGS, ...ERRORS]) {
      const buffer = concat(fromHex('6a306a30'), bytes, fromHex('30800000'))
      expect(kerberos.decode(buffer.subarray(4, 4 + bytes.length)).value).toEqual(message)
      expect(kerberos.decode(buffer.subarray(4))).toEqual({ value: message, fault: null })
    }
  })

  it('knows a ticket again, and tells it from another', () => {
    const mark = (fill: number) => {
      const encPart = { etype: 18, cipher: new Uint8Array(100).fill(fill) }
      const ticket = { realm: 'R', sname: build.name('s'), encPart }
      return kerberos.decode(build.apReq(ticket, { etype: fill })).value?.ticketMark
    }
    expect(mark(1)).toBe(mark(1))
    expect(mark(1)).not.toBe(mark(2))
  })
})

describe('claims', () => {
  const apReq = TOKENS[0]!.bytes
  const near: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['a tag alone', fromHex('6e')],
    ['an AP-REQ that ends before msg-type', apReq.slice(0, 16)],
    ['an AP-REQ with msg-type of an AP-REP', fromHex('6e0d 300b a003020105 a10302010f')],
    ['an AP-REQ of version 4', fromHex('6e0d 300b a003020104 a10302010e')],
    ['an AP-REQ whose pvno is no INTEGER', fromHex('6e0d 300b a003040105 a10302010e')],
    ['an AP-REQ of indefinite length', fromHex('6e80 300b a003020105 a10302010e 0000')],
    ['an AP-REQ with a length of five octets', fromHex('6e8500000000 0d 300b a003020105 a10302010e')],
    ['an AP-REQ without SEQUENCE', fromHex('6e0d 310b a003020105 a10302010e')],
    ['an AS-REQ that counts its fields like a reply', fromHex('6a0d 300b a003020105 a10302010a')],
    ['a Ticket', build.ticket({ realm: 'R', sname: build.name('s'), encPart: { etype: 18 } })],
    ['an EncKDCRepPart', fromHex('790d 300b a003020105 a10302010e')],
    ['an LDAP bind request', fromHex('300c 020101 6007 020103 0400 8000')],
    ['NTLMSSP', fromHex('4e544c4d5353500001000000 00000000')],
    ['a MIC token, RFC 4121', fromHex('0404 04 ffffffffff 0000000000000001 00112233445566778899aabb')],
    ['a wrap token, RFC 4121', fromHex('0504 06 ff 0000001c 0000000000000001 00112233445566778899aabb')],
    ['a MIC token, RFC 1964', build.gss(0x0101, new Uint8Array(24))],
    ['a wrap token, RFC 1964', build.gss(0x0201, new Uint8Array(24))],
    ['a wrap token, RFC 1964, without frame', fromHex('0201 1100 1000 ffff 0011223344556677')],
    ['GSS-API with another mechanism', build.gss(build.TOK_AP_REQ, apReq, 'spnego')],
    ['GSS-API with a longer OID', build.gss(build.TOK_AP_REQ, apReq, '1.2.840.113554.1.2.2.4')],
    ['GSS-API that ends before TOK_ID', fromHex('600d 06092a864886f712010202 01')],
    ['TOK_ID of an AP-REQ before an AP-REP', build.gss(build.TOK_AP_REQ, build.apRep({ etype: 1 }), null)],
    ['TOK_ID of a TGT-REQ before a TGT-REP', build.gss(build.TOK_TGT_REQ, build.tgtRep(TGT), null)],
    ['TOK_ID of a TGT-REQ before something', fromHex('0400 3003 020105')],
    ['TOK_ID of IAKERB before something', fromHex('0501 3003 020105')],
    ['TOK_ID of IAKERB before a SET', fromHex('0501 3107 a105 0c03 4c4142')],
    ['Kerberos 4', fromHex('0402 616c69636500 00 4558414d504c4500 12345678 60 6b7262746774 00')],
  ]
  it.each(near)('does not claim %s', (_, bytes) => {
    expect(kerberos.claims(bytes)).toBe(false)
    expect(kerberos.decode(bytes).value).toBeNull()
  })

  it('claims a framed token as soon as OID and TOK_ID are there', () => {
    const token = build.gss(build.TOK_AP_REQ, apReq)
    const claimed = Array.from({ length: token.length }, (_, length) => kerberos.claims(token.slice(0, length)))
    expect(claimed.indexOf(true)).toBe(4 + 11 + 2)
    expect(claimed.slice(17)).not.toContain(false)
  })
})

describe('damage', () => {
  it.each(SAMPLES)('cut at every byte: $name', ({ bytes, message }) => {
    let claimed = 0
    cutEverywhere(bytes, (cut) => {
      const { value, fault } = kerberos.decode(cut)
      expect(value !== null).toBe(kerberos.claims(cut))
      if (value?.type === 'IAKERB' && message.type !== 'IAKERB' && fault === null) return // a whole header, unframed
      expect(fault).not.toBeNull()
      if (value === null) return
      claimed++
      expect(fault?.reason).toBe('cut')
      expectPartOf(value, message)
    })
    expect(claimed).toBeGreaterThan(0)
  })

  it('a cut message says which field was cut, and everything before it', () => {
    const bytes = AS[0]!.bytes
    const at = Buffer.from(bytes).indexOf('krbtgt') + 10
    const { value, fault } = kerberos.decode(bytes.subarray(0, at))
    expect(fault).toEqual({ reason: 'cut', where: 'KDC-REQ-BODY.sname' })
    expect(value).toMatchObject({ type: 'AS-REQ', cname: 'alice', realm: 'CORP.EXAMPLE', sname: null, etypes: [] })
  })

  it('changed bytes never throw, and what comes out is a message or a fault', () => {
    for (const [index, { bytes }] of SAMPLES.entries()) {
      changeBytes(
        bytes,
        400,
        (changed) => {
          const { value, fault } = kerberos.decode(changed)
          if (value === null) expect(fault).not.toBeNull()
          else expect(() => JSON.stringify(value)).not.toThrow()
        },
        index + 1,
      )
    }
  })

  const head = [explicit(0, integer(5)), explicit(1, integer(30))]
  const error = (...fields: Uint8Array[]) => kerberos.decode(tlv(0x7e, sequence(...head, ...fields)))
  const broken: [string, Uint8Array, string][] = [
    ['a realm longer than its field', explicit(9, fromHex('1b7f41')), 'KRB-ERROR.realm'],
    ['a realm that is a SEQUENCE', explicit(9, sequence(text('R'))), 'KRB-ERROR.realm'],
    ['an error code of seven octets', explicit(6, fromHex('020701020304050607')), 'KRB-ERROR.error-code'],
    ['an error code that is a text', explicit(6, text('7')), 'KRB-ERROR.error-code'],
    ['an stime that is no time', explicit(4, text('yesterday')), 'KRB-ERROR.stime'],
    ['an empty field', explicit(8), 'KRB-ERROR.cname'],
    ['a name without SEQUENCE', explicit(10, text('s')), 'KRB-ERROR.sname'],
    ['e-data that is no OCTET STRING', explicit(12, text('s')), 'KRB-ERROR.e-data'],
    ['METHOD-DATA with a broken entry', explicit(12, tlv(0x04, sequence(sequence(fromHex('a17f'))))), 'PA-DATA'],
  ]
  it.each(broken.slice(0, -1))('%s is malformed, and does not hide its neighbours', (_, field, where) => {
    const { value, fault } = error(explicit(7, text('CREALM')), field, explicit(11, text('e-text')))
    expect(fault).toEqual({ reason: 'malformed', where })
    expect(value).toMatchObject({ type: 'KRB-ERROR', crealm: 'CREALM', errorText: 'e-text' })
  })

  it('a length that runs past its own end is malformed, not cut', () => {
    const { value, fault } = error(explicit(6, integer(7)), broken.at(-1)![1])
    expect(value).toMatchObject({ errorCode: 7, errorStatus: null })
    expect(fault?.reason).toBe('malformed')
  })

  it('a susec outside of its second does not move the clock', () => {
    const { value } = error(explicit(4, tlv(0x18, '20240229120000Z')), explicit(5, integer(1_000_000)))
    expect(value?.serverTime).toBe(1_709_208_000_000_000)
  })

  const stimes: [string, number | null][] = [
    ['20240229120000Z', 1_709_208_000_000_000],
    // a fraction, or no zone: what stands behind the seconds is not read
    ['20240229120000.5Z', 1_709_208_000_000_000],
    ['20240229120000', 1_709_208_000_000_000],
    // who counts past the end of a month or a day goes on in the next one
    ['20240230120000Z', 1_709_294_400_000_000],
    ['20240228360000Z', 1_709_208_000_000_000],
    ['2024022912000Z', null],
    ['202402291200', null],
    ['2024022912000/', null],
    ['2024022912000:', null],
    [' 20240229120000Z', null],
    ['', null],
  ]
  it.each(stimes)('the time %j', (written, micros) => {
    const { value, fault } = error(explicit(4, tlv(0x18, written)))
    expect(value?.serverTime).toBe(micros)
    expect(fault).toEqual(micros === null ? { reason: 'malformed', where: 'KRB-ERROR.stime' } : null)
  })

  it('what follows an IAKERB-HEADER must be a Kerberos message', () => {
    expect(kerberos.decode(build.iakerb('R', fromHex('deadbeef')))).toMatchObject({
      value: { type: 'IAKERB', iakerbRealm: 'R' },
      fault: { reason: 'malformed', where: 'IAKERB_PROXY' },
    })
  })

  it('a framed token of which the message is another than TOK_ID says is malformed', () => {
    for (const inner of [build.apRep({ etype: 18 }), build.tgtReq(), fromHex('ffffffffffff')]) {
      const { value, fault } = kerberos.decode(build.gss(build.TOK_AP_REQ, inner))
      expect(value?.type).toBe('AP-REQ')
      expect(fault).toEqual({ reason: 'malformed', where: 'AP-REQ' })
    }
    const header = kerberos.decode(build.gss(build.TOK_IAKERB_PROXY, fromHex('0c03414243'), 'iakerb'))
    expect(header).toMatchObject({ value: { type: 'IAKERB' }, fault: { reason: 'malformed', where: 'IAKERB-HEADER' } })
  })

  it('stops at its limits: list entries, length of a text', () => {
    const options = { cname: build.name('a'), realm: 'R', etypes: Array.from({ length: 5000 }, () => 18) }
    const many = kerberos.decode(build.asReq(options))
    expect(many.fault).toEqual({ reason: 'limit', where: 'KDC-REQ-BODY.etype' })
    expect(many.value?.etypes.length).toBe(256)
    const long = kerberos.decode(build.asReq({ ...options, etypes: [18], realm: 'R'.repeat(5000) }))
    expect(long.fault).toEqual({ reason: 'limit', where: 'KDC-REQ-BODY.realm' })
    expect(long.value).toMatchObject({ realm: null, cname: 'a', etypes: [18] })
  })
})

/** What a damaged message says must be what the whole one says, or less. */
function expectPartOf(part: KerberosMessage, whole: KerberosMessage): void {
  for (const [field, value] of Object.entries(part)) {
    const full = whole[field as keyof KerberosMessage]
    if (field === 'type') expect([whole.type, 'IAKERB']).toContain(value)
    else if (Array.isArray(value)) expect((full as number[]).slice(0, value.length)).toEqual(value)
    else if (field === 'serverTime' && value !== null)
      expect(Math.floor((full as number) / 1e6)).toBe(Math.floor(Number(value) / 1e6))
    else if (value !== null && value !== false && value !== 0) expect([field, value]).toEqual([field, full])
  }
}

const TGT = { realm: 'R', sname: build.name('krbtgt/R', 2), encPart: { etype: 18 } }

/** The same fields, found in the tree of a general ASN.1 decoder by their tags alone. */
describe('asn1js as the oracle', () => {
  const messages = SAMPLES.filter(({ message }) => message.type !== 'IAKERB')
  it.each(messages)('$name', ({ bytes, message }) => {
    expect(oracle(bytes, message.type)).toEqual(pick(kerberos.decode(bytes).value!))
  })

  type Found = Pick<
    KerberosMessage,
    | 'type'
    | 'realm'
    | 'cname'
    | 'sname'
    | 'etypes'
    | 'ticketRealm'
    | 'ticketSname'
    | 'ticketEtype'
    | 'encPartEtype'
    | 'padata'
    | 'preauthEtype'
    | 'errorCode'
  >

  function pick(m: KerberosMessage): Found {
    const { type, realm, cname, sname, etypes, ticketRealm, ticketSname, ticketEtype, encPartEtype, padata } = m
    const { preauthEtype, errorCode } = m
    return {
      type,
      realm,
      cname,
      sname,
      // of an error they come out of e-data, which this oracle does not judge
      etypes: type === 'KRB-ERROR' ? [] : etypes,
      ticketRealm,
      ticketSname,
      ticketEtype,
      encPartEtype,
      padata: type === 'KRB-ERROR' ? [] : padata,
      preauthEtype,
      errorCode,
    }
  }

  const NUMBERS: Readonly<Record<number, KerberosMessage['type']>> = {
    10: 'AS-REQ',
    11: 'AS-REP',
    12: 'TGS-REQ',
    13: 'TGS-REP',
    14: 'AP-REQ',
    15: 'AP-REP',
    20: 'KRB-SAFE',
    21: 'KRB-PRIV',
    22: 'KRB-CRED',
    30: 'KRB-ERROR',
  }

  // biome-ignore lint/suspicious/noExplicitAny: the tree of asn1js is untyped below its blocks
  type Node = any

  function parse(bytes: Uint8Array): Node {
    const copy = bytes.slice()
    const { offset, result } = asn1js.fromBER(copy.buffer)
    expect(offset).toBeGreaterThan(0)
    return result
  }

  const children = (node: Node): Node[] => node?.valueBlock.value ?? []
  const field = (node: Node, tag: number): Node | undefined =>
    children(node).find((child) => child.idBlock.tagClass === 3 && child.idBlock.tagNumber === tag)?.valueBlock.value[0]
  const octets = (node: Node): Uint8Array => new Uint8Array(node.valueBlock.valueHexView)
  const string = (node: Node): string => {
    const utf8 = Buffer.from(node.valueBlock.valueHexView).toString('utf8')
    return utf8.includes('\ufffd') ? Buffer.from(node.valueBlock.valueHexView).toString('latin1') : utf8
  }
  const number = (node: Node): number | null => node?.valueBlock.valueDec ?? null
  const principal = (node: Node): string | null => (node ? children(field(node, 1)).map(string).join('/') : null)

  function oracle(bytes: Uint8Array, type: KerberosMessage['type']): Found {
    const userToUser = type === 'TGT-REQ' || type === 'TGT-REP'
    // TGT-REQ and TGT-REP have no tag of their own: they begin behind their TOK_ID
    const tokenId = fromHex(type === 'TGT-REQ' ? '040030' : '040130')
    const start = userToUser ? Buffer.from(bytes).indexOf(tokenId) + 2 : messageStart(bytes)
    const outer = parse(bytes.subarray(start))
    const found: Found = {
      type: userToUser ? type : NUMBERS[outer.idBlock.tagNumber]!,
      realm: null,
      cname: null,
      sname: null,
      etypes: [],
      ticketRealm: null,
      ticketSname: null,
      ticketEtype: null,
      encPartEtype: null,
      padata: [],
      preauthEtype: null,
      errorCode: null,
    }
    const out = found as { -readonly [K in keyof Found]: Found[K] }
    const sequence = userToUser ? outer : children(outer)[0]
    const ticket = (node: Node) => {
      const inside = children(node)[0]
      out.ticketRealm = string(field(inside, 1))
      out.ticketSname = principal(field(inside, 2))
      out.ticketEtype = number(field(field(inside, 3), 0))
    }
    switch (found.type) {
      case 'AS-REQ':
      case 'TGS-REQ': {
        const body = field(sequence, 4)
        out.realm = string(field(body, 2))
        out.cname = principal(field(body, 1))
        out.sname = principal(field(body, 3))
        out.etypes = children(field(body, 8)).map((node) => number(node)!)
        for (const entry of children(field(sequence, 3))) {
          const padata = number(field(entry, 1))!
          out.padata = [...out.padata, padata]
          if (padata === 1) {
            const request = children(parse(octets(field(entry, 2))))[0]
            ticket(field(request, 3))
            out.encPartEtype = number(field(field(request, 4), 0))
          } else if (padata === 2) out.preauthEtype = number(field(parse(octets(field(entry, 2))), 0))
        }
        break
      }
      case 'AS-REP':
      case 'TGS-REP':
        out.padata = children(field(sequence, 2)).map((entry) => number(field(entry, 1))!)
        ticket(field(sequence, 5))
        out.realm = string(field(sequence, 3))
        out.cname = principal(field(sequence, 4))
        out.sname = out.ticketSname
        out.encPartEtype = number(field(field(sequence, 6), 0))
        break
      case 'AP-REQ':
        ticket(field(sequence, 3))
        out.realm = out.ticketRealm
        out.sname = out.ticketSname
        out.encPartEtype = number(field(field(sequence, 4), 0))
        break
      case 'AP-REP':
        out.encPartEtype = number(field(field(sequence, 2), 0))
        break
      case 'KRB-PRIV':
        out.encPartEtype = number(field(field(sequence, 3), 0))
        break
      case 'KRB-CRED':
        ticket(children(field(sequence, 2))[0])
        out.realm = out.ticketRealm
        out.sname = out.ticketSname
        out.encPartEtype = number(field(field(sequence, 3), 0))
        break
      case 'KRB-ERROR':
        out.errorCode = number(field(sequence, 6))
        out.cname = principal(field(sequence, 8))
        out.realm = string(field(sequence, 9))
        out.sname = principal(field(sequence, 10))
        break
      case 'TGT-REQ':
        out.sname = principal(field(sequence, 2))
        out.realm = field(sequence, 3) ? string(field(sequence, 3)) : null
        break
      case 'TGT-REP':
        ticket(field(sequence, 2))
        out.realm = out.ticketRealm
        out.sname = out.ticketSname
        break
      default:
        break
    }
    return found
  }

  /**
   * Behind frame, OID, TOK_ID and IAKERB-HEADER: the first octet that is one of the ten tags and begins a whole
   * element.
   */
  function messageStart(bytes: Uint8Array): number {
    for (let at = 0; at < bytes.length; at++) {
      const number = bytes[at]! - 0x60
      if (NUMBERS[number] === undefined) continue
      const { offset, result } = asn1js.fromBER(bytes.slice(at).buffer)
      if (offset === bytes.length - at && result.idBlock.tagClass === 2) return at
    }
    throw new Error('no message')
  }
})

describe('names', () => {
  it('of numbers', () => {
    expect([7, 14, 25, 37, 41, 52, 68, 85].map(errorName)).toEqual([
      'KDC_ERR_S_PRINCIPAL_UNKNOWN',
      'KDC_ERR_ETYPE_NOSUPP',
      'KDC_ERR_PREAUTH_REQUIRED',
      'KRB_AP_ERR_SKEW',
      'KRB_AP_ERR_MODIFIED',
      'KRB_ERR_RESPONSE_TOO_BIG',
      'KDC_ERR_WRONG_REALM',
      'KRB_AP_ERR_IAKERB_KDC_NOT_FOUND',
    ])
    expect([18, 17, 23, 3, -128, -135].map(etypeName)).toEqual([
      'aes256-cts-hmac-sha1-96',
      'aes128-cts-hmac-sha1-96',
      'rc4-hmac',
      'des-cbc-md5',
      'rc4-md4',
      'rc4-hmac-old-exp',
    ])
    expect([1, 2, 19, 136, 167].map(padataName)).toEqual([
      'PA-TGS-REQ',
      'PA-ENC-TIMESTAMP',
      'PA-ETYPE-INFO2',
      'PA-FX-FAST',
      'PA-PAC-OPTIONS',
    ])
    expect([2, 10, -128].map(nameTypeName)).toEqual(['NT-SRV-INST', 'NT-ENTERPRISE', 'NT-MS-PRINCIPAL'])
  })

  it('of status codes, the KDC’s own and the common ones', () => {
    expect(kerberosStatusName(0xc000_0371)).toBe('STATUS_NO_SECRETS')
    expect(kerberosStatusName(0xc000_0072)).toBe('STATUS_ACCOUNT_DISABLED')
  })

  it('of flags, from bit 0', () => {
    expect(kdcOptionNames(0x4081_0010)).toEqual(['forwardable', 'renewable', 'canonicalize', 'renewable-ok'])
    expect(kdcOptionNames(0x8002_000b)).toEqual([
      'reserved',
      'cname-in-addl-tkt',
      'enc-tkt-in-skey',
      'renew',
      'validate',
    ])
    expect(kdcOptionNames(0)).toEqual([])
    expect(kdcOptionNames(0x0010_0000)).toEqual(['opt-hardware-auth'])
    expect(kdcOptionNames(0x0000_4000)).toEqual(['bit 17'])
    expect(apOptionNames(0x6000_0000)).toEqual(['use-session-key', 'mutual-required'])
    expect(pacOptionNames(0x9000_0000)).toEqual(['claims', 'resource-based-constrained-delegation'])
    expect(s4uOptionNames(0x0800_0000)).toEqual(['unconditional-delegation'])
  })

  it('keep a number that they do not know', () => {
    expect(errorName(4711)).toBe('unknown (4711)')
    expect(etypeName(-7)).toBe('unknown (-7)')
    expect(padataName(9999)).toBe('unknown (9999)')
    expect(nameTypeName(77)).toBe('unknown (77)')
  })
})
