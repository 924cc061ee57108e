import { describe, expect, it } from 'vitest'
import type { AuthStep, CarrierMessage, Framing, LegStep, Side } from '../../decoders/carrier.ts'
import { ldap } from '../../decoders/carriers/ldap/ldap.ts'
import { diagnosticReason, diagnosticText, resultName } from '../../decoders/carriers/ldap/ldap-result.ts'
import { hex } from '../../decoders/parts/text.ts'
import { concat, longTlv, tlv } from '../builders/der.ts'
import {
  abandonRequest,
  bindRequest,
  bindResponse,
  cfxBuffer,
  counting,
  extendedRequest,
  extendedResponse,
  ntlmBuffer,
  rfc1964Buffer,
  START_TLS,
  sasl,
  saslBuffer,
  searchRequest,
  searchResultDone,
  searchResultEntry,
  sicily,
  simple,
  unbindRequest,
} from '../builders/ldap.ts'
import { changeBytes, cutEverywhere, fromHex, seededRandom } from '../hostile.ts'
import { samples } from './ldap.samples.ts'

const PASSWORD = 'Correct-Horse-Battery'

/** One PDU of each form, as a stream sees them. */
const pdus: Readonly<Record<string, Uint8Array>> = {
  ...Object.fromEntries(samples.map((sample) => [sample.title, fromHex(sample.hex)])),
  'bind with a long name': bindRequest({ name: 'x'.repeat(300), authentication: simple(PASSWORD) }),
  'bind, windows': bindRequest({ authentication: sasl('GSS-SPNEGO', counting(700), longTlv), write: longTlv }),
  'bind response, windows': bindResponse({ resultCode: 14, serverSaslCreds: counting(300), write: longTlv }),
  search: searchRequest('dc=lab,dc=example', ['cn', 'memberOf']),
  unbind: unbindRequest(),
  abandon: abandonRequest(2),
  'search entry': searchResultEntry('cn=ada', { cn: ['ada'] }),
  'search entry, windows': searchResultEntry('cn=ada', { cn: ['ada'] }, 70_000, longTlv),
  'rootDSE, windows': searchResultEntry('', { supportedSASLMechanisms: ['GSSAPI'] }, 1, longTlv),
}

const buffers: Readonly<Record<string, Uint8Array>> = {
  'NTLM, signed': ntlmBuffer(searchRequest('dc=lab')),
  'NTLM, sealed': ntlmBuffer(counting(60)),
  'CFX, signed': cfxBuffer(0x04, searchRequest('dc=lab')),
  'CFX, sealed': cfxBuffer(0x06, counting(60)),
  'RFC 4757, signed': rfc1964Buffer('1100', 'ffff', searchRequest('dc=lab')),
  'RFC 4757, sealed': rfc1964Buffer('1100', '1000', counting(60)),
  'RFC 1964 triple DES, long length': rfc1964Buffer('0400', '0200', counting(300), longTlv),
}

describe('decode: the samples', () => {
  it.each(samples)('$title', ({ hex: text, type, from, fields, steps }) => {
    const { value, fault } = ldap.decode(fromHex(text), from === 'client' ? 'server' : 'client')
    expect(fault).toBe(null)
    expect(value).toHaveLength(1)
    const message = value![0]!
    expect({ ...message, steps: message.steps.map(shown) }).toEqual({
      protocol: 'ldap',
      type,
      from,
      service: 'ldap',
      fields,
      steps,
    })
  })

  it('says nothing about unbind and abandon', () => {
    expect(ldap.decode(unbindRequest(), 'client')).toEqual({ value: [], fault: null })
    expect(ldap.decode(abandonRequest(2), 'client')).toEqual({ value: [], fault: null })
  })

  it('reads the length form of Windows as the other', () => {
    const parts = { messageId: 7, name: 'cn=ada', authentication: sasl('GSSAPI', counting(40)) }
    const long = ldap.decode(bindRequest({ ...parts, write: longTlv }), 'client')
    expect(long).toEqual(ldap.decode(bindRequest(parts), 'client'))
    expect(leg(long.value).token).toEqual(counting(40))
  })

  it('borrows the token from the PDU', () => {
    const pdu = bindRequest({ authentication: sasl('GSSAPI', counting(40)) })
    expect(leg(ldap.decode(pdu, 'client').value).token!.buffer).toBe(pdu.buffer)
  })

  it('gives names of extended operations, and never their values', () => {
    const outcome = ldap.decode(extendedRequest('1.3.6.1.4.1.4203.1.11.1', PASSWORD), 'client')
    expect(outcome.value![0]!.fields).toEqual({ messageId: 1, oid: '1.3.6.1.4.1.4203.1.11.1', name: 'Password Modify' })
    expect(everything(outcome.value)).not.toContain(PASSWORD)
    expect(ldap.decode(extendedRequest('1.2.3'), 'client').value![0]!.fields).toMatchObject({
      oid: '1.2.3',
      name: null,
    })
  })

  it('keeps a CHALLENGE_MESSAGE in matchedDN of a failure, and does not call it success', () => {
    const challenge = concat('NTLMSSP\0', Uint8Array.of(2, 0, 0, 0))
    const step = leg(ldap.decode(bindResponse({ resultCode: 49, matchedDn: challenge }), 'server').value)
    expect(step).toMatchObject({ outcome: 'failure', token: challenge })
  })

  it('takes a Sicily success with any other NTLMSSP message as success', () => {
    const matchedDn = concat('NTLMSSP\0', Uint8Array.of(3, 0, 0, 0))
    expect(leg(ldap.decode(bindResponse({ resultCode: 0, matchedDn }), 'server').value).outcome).toBe('success')
  })

  it('does not let a name grow without bound', () => {
    const { value } = ldap.decode(bindRequest({ name: 'n'.repeat(5000), authentication: simple('x') }), 'client')
    expect((value![0]!.fields!.name as string).length).toBe(1024)
    expect(leg(value).principal!.user.length).toBe(1024)
  })
})

describe('decode: what is wrong', () => {
  it.each([
    ['version is no INTEGER', '300c 020101 6007 040103 0400 8000', 'BindRequest.version'],
    ['name is no LDAPDN', '300c 020101 6007 020103 0500 8000', 'BindRequest.name'],
    ['no authentication', '300a 020101 6005 020103 0400', 'BindRequest.authentication'],
    ['authentication longer than the bind', '300d 020101 6008 020103 0400 800978', 'BindRequest.authentication'],
    ['mechanism is no LDAPString', '300e 020101 6009 020103 0400 a302 0500', 'SaslCredentials.mechanism'],
    ['credentials of another type', '3011 020101 600c 020103 0400 a305 040158 0500', 'SaslCredentials.credentials'],
    ['resultCode is an INTEGER', '300c 020101 6107 020100 0400 0400', 'BindResponse.resultCode'],
    ['no diagnosticMessage', '300a 020101 6105 0a0100 0400', 'BindResponse.diagnosticMessage'],
    ['serverSaslCreds too long', '300f 020101 610a 0a010e 0400 0400 870901', 'BindResponse.serverSaslCreds'],
    ['no requestName', '3005 020101 7700', 'ExtendedRequest.requestName'],
    ['no attributes', '3007 020101 6402 0400', 'SearchResultEntry.attributes'],
    ['an unknown protocolOp', '3005 020101 6200', 'LDAPMessage'],
    ['messageID is no INTEGER', '3005 040101 4200', 'LDAPMessage'],
    ['TLS', '16030100a5010000a10303', 'SASL buffer'],
  ])('%s is malformed', (_title, text, where) => {
    expect(ldap.decode(fromHex(text), 'client').fault).toEqual({ reason: 'malformed', where })
  })

  it('does not hand on credentials that are not what they should be', () => {
    const { value } = ldap.decode(fromHex('3012 020101 600d 020103 0400 a306 040158 800161'), 'client')
    expect(leg(value)).toMatchObject({ method: 'X', token: null })
  })
})

describe('decode: cut', () => {
  const kept = Object.entries(pdus).filter(([, pdu]) => framed(pdu).keep === pdu.length && pdu.length > 32)

  it.each(kept)('%s: every proper prefix of a whole PDU is cut, never malformed', (_title, pdu) => {
    cutEverywhere(pdu, (cut) => {
      const { value, fault } = ldap.decode(cut, 'client')
      // before its name is there, an entry is an ordinary message: of those only the beginning is ever kept
      const nameless = value?.[0]?.type === 'searchResultEntry' && cut.length < 20
      if (!nameless) expect(fault?.reason).toBe('cut')
    })
  })

  it('keeps what was read before the cut', () => {
    const pdu = bindRequest({ messageId: 5, authentication: sasl('GSS-SPNEGO', counting(500)) })
    const { value, fault } = ldap.decode(pdu.subarray(0, 128), 'client')
    expect(fault).toEqual({ reason: 'cut', where: 'SaslCredentials.credentials' })
    const step = leg(value)
    expect(step).toMatchObject({ method: 'GSS-SPNEGO', message: '5' })
    expect(step.token).toEqual(counting(500).subarray(0, 128 - (pdu.length - 500)))
  })

  it('never calls a bind successful, or a list complete, when the cut hides what decides', () => {
    const challenge = concat('NTLMSSP\0', Uint8Array.of(2, 0, 0, 0), counting(40))
    const negotiated = bindResponse({ resultCode: 0, matchedDn: challenge })
    const packages = bindResponse({ resultCode: 0, matchedDn: 'NTLM;MSN' })
    const rootDse = searchResultEntry('', { supportedSASLMechanisms: ['GSSAPI', 'NTLM'] })
    for (const pdu of [negotiated, packages, rootDse]) {
      cutEverywhere(pdu, (cut) => {
        for (const step of steps(ldap.decode(cut, 'server').value)) {
          if (step.kind === 'leg') expect(step.outcome).not.toBe('success')
          if (step.kind === 'offer' && pdu !== packages) expect(step.methods).toEqual(['GSSAPI', 'NTLM'])
          if (step.kind === 'offer' && pdu === packages) expect(step.methods).toEqual(['NTLM', 'MSN'])
        }
      })
    }
  })

  it('knows a password from an empty one although the password is cut', () => {
    const pdu = bindRequest({ name: 'cn=ada', authentication: simple(PASSWORD) })
    const { value } = ldap.decode(pdu.subarray(0, pdu.length - PASSWORD.length), 'client')
    expect(leg(value)).toMatchObject({ method: 'simple', principal: { user: 'cn=ada' } })
  })

  it('reads the protection of an ordinary message from its first bytes', () => {
    for (const write of [tlv, longTlv]) {
      const entry = searchResultEntry('cn=ada', { cn: ['ada'.repeat(200)] }, 2, write)
      expect(ldap.decode(entry.subarray(0, framed(entry).keep), 'client')).toMatchObject({
        value: [{ from: 'server', steps: [{ kind: 'traffic', protection: 'clear', refused: false }] }],
        fault: null,
      })
      const refused = searchResultDone(1, 0x7fffffff, write)
      expect(ldap.decode(refused.subarray(0, framed(refused).keep), 'client')).toMatchObject({
        value: [{ steps: [{ refused: true }] }],
        fault: null,
      })
    }
  })

  it('leaves a rootDSE that is too long for one alone', () => {
    const long = searchResultEntry('', { x: ['y'.repeat(66_000)], supportedSASLMechanisms: ['GSSAPI'] })
    const { keep } = framed(long)
    expect(keep).toBe(32)
    expect(ldap.decode(long.subarray(0, keep), 'server')).toMatchObject({
      value: [{ fields: null, steps: [{ kind: 'traffic' }] }],
      fault: null,
    })
  })
})

describe('decode: SASL buffers', () => {
  it.each([
    ['NTLM, signed', 'signed', 'NTLM signature'],
    ['NTLM, sealed', 'sealed', 'NTLM signature'],
    ['CFX, signed', 'signed', 'CFX wrap'],
    ['CFX, sealed', 'sealed', 'CFX wrap'],
    ['RFC 4757, signed', 'signed', 'RFC 4757 wrap'],
    ['RFC 4757, sealed', 'sealed', 'RFC 4757 wrap'],
    ['RFC 1964 triple DES, long length', 'sealed', 'RFC 1964 wrap'],
  ])('%s', (title, protection, how) => {
    for (const from of ['client', 'server'] as const) {
      const pdu = buffers[title]!
      for (const bytes of [pdu, pdu.subarray(0, framed(pdu).keep)]) {
        expect(ldap.decode(bytes, from)).toEqual({
          value: [
            {
              protocol: 'ldap',
              type: 'SASL buffer',
              from,
              service: 'ldap',
              fields: null,
              steps: [{ kind: 'traffic', from, slot: '', protection, refused: false, how }],
            },
          ],
          fault: null,
        })
      }
    }
  })

  it('takes cipher text that begins like a SEQUENCE for what it is', () => {
    const decoded = (data: Uint8Array) => steps(ldap.decode(ntlmBuffer(data), 'client').value)[0]
    expect(decoded(concat(Uint8Array.of(0x30), counting(40)))).toMatchObject({ protection: 'sealed' })
    // a message that would end behind the buffer
    expect(decoded(searchRequest('dc=lab').subarray(0, 40))).toMatchObject({ protection: 'sealed' })
    // several messages in one buffer (RFC 4513 5.2.1.6)
    expect(decoded(concat(unbindRequest(), unbindRequest()))).toMatchObject({ protection: 'signed' })
  })

  it.each(Object.entries(buffers))('%s: a cut buffer claims nothing else', (_title, pdu) => {
    const { protection } = steps(ldap.decode(pdu, 'client').value)[0] as { protection: string }
    cutEverywhere(pdu, (cut) => {
      const { value, fault } = ldap.decode(cut, 'client')
      if (value === null) expect(fault).toMatchObject({ reason: 'cut' })
      else expect(value[0]!.steps[0]).toMatchObject({ protection })
    })
    expect(ldap.decode(pdu.subarray(0, 8), 'client').value).toBe(null)
  })
})

describe('passwords', () => {
  const secrets = [
    bindRequest({ name: 'cn=ada', authentication: simple(PASSWORD) }),
    bindRequest({ authentication: sasl('PLAIN', `\0ada\0${PASSWORD}`) }),
    bindRequest({ authentication: sasl('plain', `\0ada\0${PASSWORD}`) }),
    bindRequest({ authentication: sasl('PLAIN', `ada ${PASSWORD}`) }),
    bindRequest({ authentication: sasl('PLAIN', `\0${PASSWORD}`) }),
    bindRequest({ authentication: sasl('LOGIN', PASSWORD) }),
    bindRequest({ authentication: sasl('OAUTHBEARER', PASSWORD) }),
  ]

  it('are in no value, whole or cut', () => {
    for (const pdu of secrets) {
      for (let length = 0; length <= pdu.length; length++) {
        const { value } = ldap.decode(pdu.subarray(0, length), 'client')
        expect(everything(value)).not.toContain(PASSWORD.slice(0, 4))
        for (const step of steps(value)) expect((step as LegStep).token).toBe(null)
      }
    }
  })
})

describe('probe', () => {
  it.each(Object.entries(pdus))('%s: more, then mine', (_title, pdu) => {
    let answered = false
    for (let length = 0; length <= pdu.length; length++) {
      const answer = ldap.probe(pdu.subarray(0, length), 'client')
      expect(ldap.probe(pdu.subarray(0, length), 'server')).toBe(answer)
      if (answer === 'mine') answered = true
      expect(answer).toBe(answered ? 'mine' : 'more')
      expect(length < 32 || answered).toBe(true)
    }
  })

  it('knows Windows and the middle of a conversation', () => {
    expect(ldap.probe(concat(searchResultDone(0, 70_000, longTlv), searchRequest('')), 'server')).toBe('mine')
  })

  it.each([
    ['TLS ClientHello', '16030100a5 010000a1 0303'],
    ['SMB2 behind its length', '000000f4 fe534d42 40000100'],
    ['HTTP', '474554202f20485454502f312e31'],
    ['SNMP: community behind the version', '302602010104067075626c6963'],
    ['RSA private key: INTEGER behind INTEGER', '308204a2 020100 02820101'],
    ['X.509: SEQUENCE in SEQUENCE', '3082030a 308201f2'],
    ['CredSSP TSRequest', '3037 a003 020106 a130'],
    ['DER of Kerberos', '6c8201f0 308201ec'],
    ['an indefinite length', '3080 020101 60'],
    ['five octets of length', '3085 0000000007'],
    ['a message of 16 MiB and more', '3084 01000000'],
    ['too short for any message', '3004 020101 42'],
    ['messageID of no octets', '300c 0200 60 0a'],
    ['messageID of five octets', '3010 0205 0000000001'],
    ['a negative messageID', '300c 0201ff 6007'],
    ['protocolOp 2, which does not exist', '3005 020101 6200'],
    ['a constructed delRequest', '3005 020101 6a00'],
    ['a protocolOp that ends behind its message', '300c 020101 6008'],
    ['NTLM-signed buffer', '00000057 01000000 c0e60000 00000000 00000000'],
  ])('%s is other', (_title, text) => {
    expect(ldap.probe(fromHex(text), 'client')).toBe('other')
  })
})

describe('frame', () => {
  it.each([...Object.entries(pdus), ...Object.entries(buffers)])('%s: split at every byte', (_title, pdu) => {
    const { length, keep, more } = framed(pdu)
    expect({ length, more }).toEqual({ length: pdu.length, more: false })
    let ready = false
    for (let size = 0; size <= pdu.length; size++) {
      const out = framing()
      const answer = ldap.frame(pdu.subarray(0, size), 'client', out)
      if (answer === 'ready') {
        ready = true
        expect(out).toMatchObject({ length, keep, more: false })
      }
      expect(answer).toBe(ready ? 'ready' : 'more')
    }
    expect(ready).toBe(true)
  })

  it('finds every PDU of a half one after the other', () => {
    const all = [...Object.values(pdus), ...Object.values(buffers)]
    expect(lengths(concat(...all))).toEqual(all.map((pdu) => pdu.length))
  })

  it('keeps binds and extended operations whole, up to 256 KiB', () => {
    for (const pdu of [
      bindRequest({ authentication: sasl('GSSAPI', counting(60_000)) }),
      bindResponse({ resultCode: 0, serverSaslCreds: counting(60_000) }),
      extendedRequest(START_TLS),
      extendedResponse(0, START_TLS),
      bindRequest({ authentication: sicily(10, counting(500)) }),
    ]) {
      expect(framed(pdu).keep).toBe(pdu.length)
    }
    const huge = bindRequest({ authentication: sasl('GSSAPI', counting(300_000)) })
    expect(framed(huge)).toMatchObject({ length: huge.length, keep: 262_144 })
  })

  it('skips unbind and abandon', () => {
    expect(framed(unbindRequest()).keep).toBe(0)
    expect(framed(abandonRequest(2)).keep).toBe(0)
  })

  it('keeps the rootDSE whole, and of other entries the beginning', () => {
    const attributes = { supportedSASLMechanisms: ['GSSAPI', 'GSS-SPNEGO'], x: ['y'.repeat(3000)] }
    const rootDse = searchResultEntry('', attributes)
    expect(framed(rootDse).keep).toBe(rootDse.length)
    expect(framed(searchResultEntry('cn=x', attributes)).keep).toBe(32)
    expect(framed(ntlmBuffer(counting(500))).keep).toBe(64)
    expect(framed(ntlmBuffer(counting(20))).keep).toBe(40)
  })

  it('keeps the first 4 ordinary PDUs after a bind, then every 256th', () => {
    const out = framing()
    const pdu = searchRequest('dc=lab')
    const keptAt = (count: number) => {
      const kept: number[] = []
      for (let i = 1; i <= count; i++) {
        expect(ldap.frame(i % 3 === 0 ? ntlmBuffer(counting(90)) : pdu, 'client', out)).toBe('ready')
        if (out.keep > 0) kept.push(i)
      }
      return kept
    }
    const first = Array.from({ length: 4 }, (_, i) => i + 1)
    expect(keptAt(600)).toEqual([...first, 260, 516])
    ldap.frame(bindResponse({ resultCode: 0 }), 'server', out)
    expect(keptAt(250)).toEqual(first)
    ldap.frame(extendedRequest(START_TLS), 'client', out)
    // the count goes on: 250 so far, the next is the 260th
    expect(keptAt(60)).toEqual([10])
    ldap.frame(bindRequest({ authentication: simple('') }), 'client', out)
    expect(keptAt(10)).toEqual(first)
  })

  it.each([
    ['TLS handshake after StartTLS', '16030100a5'],
    ['TLS application data, one byte', '17'],
    ['16 MiB and more, one byte', '02'],
    ['16 MiB and more', '01000001 01000000'],
    ['a signature and no message', '00000010 01000000'],
    ['signature of version 2', '00000040 02000000'],
    ['a byte of the version changed', '00000040 01000001'],
    ['TOK_ID 04 04: a MIC, no message', '00000040 0404'],
    ['CFX without its filler', '00000040 050406 00'],
    ['GSS framing of SPNEGO', '00000040 603e 0606 2b0601050502'],
    ['GSS framing of Kerberos: a MIC token', '00000040 603e 0609 2a864886f712010202 0101'],
    ['an unknown protocolOp', '3005 020101 62'],
  ])('loses the half at %s', (_title, text) => {
    expect(ldap.frame(fromHex(text), 'client', framing())).toBe('lost')
  })

  it('does not frame a buffer of an unknown token', () => {
    expect(ldap.frame(saslBuffer(counting(80)), 'client', framing())).toBe('lost')
  })

  it('never stands still and never waits for long, whatever the bytes', () => {
    const random = seededRandom(7)
    const starts = [...Object.values(pdus), ...Object.values(buffers)]
    let ready = 0
    for (let round = 0; round < 20_000; round++) {
      const bytes = starts[random() % starts.length]!.slice(0, 80)
      for (let i = 0; i <= random() % 4; i++) bytes[random() % Math.min(32, bytes.length)] = random() & 255
      const out = framing()
      const answer = ldap.frame(bytes, 'client', out)
      if (answer === 'ready') {
        ready++
        expect(out.length).toBeGreaterThanOrEqual(7)
        expect(out.length).toBeLessThanOrEqual((16 << 20) + 4)
        expect(out.keep).toBeLessThanOrEqual(out.length)
      } else if (answer === 'more') expect(bytes.length).toBeLessThan(40)
    }
    expect(ready).toBeGreaterThan(1000)
  })
})

describe('hostile bytes', () => {
  it.each([...Object.entries(pdus), ...Object.entries(buffers)])('%s: changed bytes are values', (_title, pdu) => {
    let faults = 0
    changeBytes(pdu, 500, (changed) => {
      ldap.probe(changed, 'client')
      ldap.frame(changed, 'client', framing())
      const { value, fault } = ldap.decode(changed, 'client')
      expect(value === null && fault === null).toBe(false)
      JSON.stringify(value?.map((message) => message.fields))
      if (fault !== null) faults++
    })
    expect(faults).toBeGreaterThan(0)
  })

  it('survives nothing at all', () => {
    expect(ldap.decode(new Uint8Array(0), 'client')).toEqual({
      value: null,
      fault: { reason: 'cut', where: 'LDAPMessage' },
    })
    expect(ldap.probe(new Uint8Array(0), 'client')).toBe('more')
    expect(ldap.frame(new Uint8Array(0), 'client', framing())).toBe('more')
  })

  it('bounds a rootDSE of very many mechanisms', () => {
    const names = Array.from({ length: 3000 }, (_, i) => `M${i}`)
    const { value } = ldap.decode(searchResultEntry('', { supportedSASLMechanisms: names }), 'server')
    expect(steps(value)[0]).toMatchObject({ kind: 'offer', methods: names.slice(0, 64) })
  })

  it('takes a list of packages only for names with ; between them', () => {
    const offered = (matchedDn: string) =>
      steps(ldap.decode(bindResponse({ resultCode: 0, matchedDn }), 'server').value)
    expect(offered('NTLM')).toEqual([])
    for (const text of ['', ';', 'NTLM;;MSN', 'NT LM', 'dc=lab', 'x'.repeat(2000)]) {
      expect(offered(text)).toMatchObject([{ kind: 'leg', outcome: 'success' }])
    }
    // only success lists packages
    const failed = ldap.decode(bindResponse({ resultCode: 7, matchedDn: 'NTLM' }), 'server')
    expect(steps(failed.value)).toMatchObject([{ kind: 'leg', outcome: 'failure' }])
  })
})

describe('LDAPResult', () => {
  it('names the codes', () => {
    expect([0, 1, 8, 14, 49, 53, 80, 123].map(resultName)).toEqual([
      'success',
      'operationsError',
      'strongerAuthRequired',
      'saslBindInProgress',
      'invalidCredentials',
      'unwillingToPerform',
      'other',
      'authorizationDenied',
    ])
    expect(resultName(9)).toBe('unknown (9)')
    expect(resultName(-1)).toBe('unknown (-1)')
  })

  const logon = (front: string, data: string) =>
    `${front}: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data ${data}, v3839`

  it.each([
    [logon('80090308', '52e'), 'data 52e (invalid credentials)'],
    [logon('8009030C', '533'), 'data 533 (account disabled)'],
    [logon('80090308', '775'), 'data 775 (account locked out)'],
    [logon('80090346', '80090346'), '80090346 (SEC_E_BAD_BINDINGS)'],
    [logon('8009030C', '0'), '8009030C (SEC_E_LOGON_DENIED)'],
    [logon('80090308', 'ABC'), 'data abc'],
    [
      '00002028: LdapErr: DSID-0C090259, comment: The server requires binds to turn on integrity checking, data 0, v4563',
      '00002028 (ERROR_DS_STRONG_AUTH_REQUIRED)',
    ],
    ['00000057: LdapErr', '00000057'],
    ['52e, data', null],
    ['invalid DN', null],
    ['', null],
  ])('%s', (text, reason) => {
    expect(diagnosticReason(text)).toBe(reason)
  })

  it('shows only what can be shown of a diagnosticMessage', () => {
    const text = (value: string) => diagnosticText(new TextEncoder().encode(value))
    expect(text('bad\u0000')).toBe('bad')
    expect(text('a\u001b[31mb\r\nc\u202e\u200bd')).toBe('a[31mbcd')
    expect(text('Zugriff verweigert: für 名前')).toBe('Zugriff verweigert: für 名前')
    expect(text('\u0000')).toBe(null)
    expect(text('')).toBe(null)
    expect(text('x'.repeat(5000))).toBe('x'.repeat(200))
    expect(diagnosticText(Uint8Array.of(0x41, 0xff, 0x42))).toBe('A\ufffdB')
  })
})

function framing(state = 0): Framing {
  return { length: -1, keep: -1, more: true, state, scanned: 0, pending: 0, peerState: 0 }
}

function framed(pdu: Uint8Array, side: Side = 'client'): Framing {
  const out = framing()
  expect(ldap.frame(pdu, side, out)).toBe('ready')
  return out
}

function lengths(half: Uint8Array): number[] {
  const found: number[] = []
  const out = framing()
  for (let at = 0; at < half.length; at += out.length) {
    expect(ldap.frame(half.subarray(at), 'client', out)).toBe('ready')
    found.push(out.length)
  }
  return found
}

function steps(messages: readonly CarrierMessage[] | null): readonly AuthStep[] {
  return messages?.flatMap((message) => message.steps) ?? []
}

function leg(messages: readonly CarrierMessage[] | null): LegStep {
  const [step] = steps(messages)
  expect(step?.kind).toBe('leg')
  return step as LegStep
}

function shown(step: AuthStep): Record<string, unknown> {
  return 'token' in step && step.token !== null ? { ...step, token: hex(step.token) } : { ...step }
}

/** All text of a value, its bytes as Latin-1 too. */
function everything(messages: readonly CarrierMessage[] | null): string {
  return JSON.stringify(messages, (_key, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  )
}
