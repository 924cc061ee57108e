import { describe, expect, it } from 'vitest'
import { type HandshakeStep, PROBE_BYTES_MAX, UNTIL_CLOSE } from '../../decoders/carrier.ts'
import { openedRecord, tls } from '../../decoders/carriers/tls.ts'
import { cutPiece, feed, inPieces, type Piece } from '../builders/feed.ts'
import { asBytes, joined } from '../builders/http.ts'
import { withExtension } from '../builders/tls.ts'
import { changeBytes, cutEverywhere, fromHex } from '../hostile.ts'
import {
  ALERT,
  APPLICATION_DATA,
  CERTIFICATE,
  CHANGE_CIPHER_SPEC,
  FINISHED,
  HELLO_DONE,
  TLS_SAMPLES,
} from './tls.samples.ts'

const decoded = (bytes: Uint8Array) => tls.decode(bytes, 'client')

describe('decode', () => {
  for (const sample of TLS_SAMPLES) {
    it(sample.name, () => {
      expect(decoded(sample.record)).toEqual({
        value: [
          {
            protocol: 'tls',
            type: sample.type,
            from: sample.type === 'ClientHello' ? 'client' : 'server',
            service: 'unknown',
            fields: null,
            steps: [{ kind: 'facts', facts: sample.facts }, expect.objectContaining({ kind: 'handshake' })],
          },
        ],
        fault: null,
      })
    })

    it(`${sample.name}: cut, it says nothing else`, () => {
      // behind the last byte of the hello other messages may follow
      const end = 9 + sample.record[7]! * 256 + sample.record[8]!
      cutEverywhere(sample.record.subarray(0, end), (cut) => {
        const { value, fault } = decoded(cut)
        expect(fault?.reason).toBe('cut')
        if (value === null) return
        for (const step of value[0]!.steps) {
          if (step.kind === 'facts') expect(sample.facts).toMatchObject(step.facts)
        }
      })
    })

    it(`${sample.name}: survives changed bytes`, () => {
      changeBytes(sample.record, 1000, (changed) => {
        const outcome = decoded(changed)
        expect(outcome.value !== null || outcome.fault !== null).toBe(true)
      })
    })
  }

  it('has identities of TLS 1.3 in the order in which a server names them, and a ticket of TLS 1.2 behind them', () => {
    const hello = TLS_SAMPLES.find(({ type }) => type === 'ClientHello')!.record
    const identity = (text: string) => [0, text.length, ...Buffer.from(text), 0, 0, 0, 0]
    const identities = [...identity('first'), ...identity('second')]
    // a binder of 32 bytes for each
    const binders = [0, 66, ...[0, 0].flatMap(() => [32, ...new Uint8Array(32)])]
    const ticket = withExtension(hello, 35, Buffer.from('older'))
    const both = withExtension(ticket, 41, Uint8Array.of(0, identities.length, ...identities, ...binders))
    const [, step] = decoded(both).value![0]!.steps
    const names = (step as HandshakeStep).tickets.map((one) => Buffer.from(one).toString())
    expect(names).toEqual(['first', 'second', 'older'])
  })

  it('names the versions', () => {
    const hello = TLS_SAMPLES.find(({ name }) => name.startsWith('ServerHello of TLS 1.0'))!.record
    const named = (version: number) => {
      const changed = hello.slice()
      changed[9] = version >> 8
      changed[10] = version & 0xff
      return decoded(changed).value![0]!.steps[0]
    }
    const names = { 768: 'SSL 3.0', 769: '1.0', 770: '1.1', 771: '1.2', 32540: '1.3', 773: '0x0305' }
    for (const [version, name] of Object.entries(names)) {
      expect(named(Number(version))).toMatchObject({ kind: 'facts', facts: { tls: { version: name } } })
    }
  })

  it('does not call a hello 1.2 that lost the extension that says 1.3', () => {
    const hello = TLS_SAMPLES[1]!.record
    const { value, fault } = decoded(hello.subarray(0, hello.length - 6))
    expect(value![0]!.steps[0]).toEqual({ kind: 'facts', facts: { tls: { cipherSuite: 'TLS_AES_128_GCM_SHA256' } } })
    expect(fault).toEqual({ reason: 'cut', where: 'ServerHello.extensions' })
  })

  it('finds fault with lengths that contradict each other', () => {
    const hello = TLS_SAMPLES[0]!.record.slice()
    // the low byte of server_name_list's length: the list is then one byte longer than its extension
    const list = 5 + 4 + 2 + 32 + 1 + 2 + 6 + 2 + 2 + 4 + 1
    expect(hello[list]).toBe(9)
    hello[list] = 10
    const { value, fault } = decoded(hello)
    expect(fault).toEqual({ reason: 'malformed', where: 'ClientHello.extensions' })
    expect(value![0]!.steps[0]).toEqual({ kind: 'facts', facts: { tls: {} } })
  })

  it('says nothing about other records and messages', () => {
    expect(decoded(APPLICATION_DATA).value).toMatchObject([{ type: 'sealed', steps: [{ sealedBytes: 19 }] }])
    expect(decoded(HELLO_DONE)).toEqual({ value: [], fault: null })
    expect(decoded(new Uint8Array(0)).fault).toEqual({ reason: 'cut', where: 'TLSPlaintext' })
    expect(decoded(fromHex('1603010004 0100')).fault).toEqual({ reason: 'cut', where: 'Handshake' })
  })
})

describe('ChangeCipherSpec', () => {
  const record = (...messages: readonly string[]) => {
    const body = fromHex(messages.join(''))
    return joined(Uint8Array.of(22, 3, 3, body.length >> 8, body.length & 0xff), body)
  }
  const random = '03'.repeat(32)
  const unnamed = `02000026 0303 ${random} 00 c02f 00`.replaceAll(' ', '')
  const named = `0200002a 0303 ${random} 04 01020304 c02f 00`.replaceAll(' ', '')
  const ticket = '0400000a 0000012c 0004 05060708'.replaceAll(' ', '')
  const certificate = '0b000003000000'
  const done = '0e000000'
  const wanted = (...records: readonly Uint8Array[]) => {
    const { pdus } = feed(tls, [['server', joined(...records)]])
    return pdus.filter(({ kept }) => kept[0] === 20 && kept.length > 0).length
  }

  it('is wanted where a ServerHello without a session id alone stands before it', () => {
    for (const said of [[record(unnamed)], [record(unnamed), record(ticket)], [record(unnamed, ticket)]])
      expect(wanted(...said, CHANGE_CIPHER_SPEC, FINISHED)).toBe(1)
    expect(decoded(CHANGE_CIPHER_SPEC).value).toMatchObject([{ type: 'ChangeCipherSpec' }])
  })

  it('is nothing elsewhere: no connection costs more for it', () => {
    for (const said of [
      [record(named)],
      [record(unnamed, certificate, done)],
      [record(unnamed), record(certificate), record(done), record(ticket)],
      [record(unnamed), record(done)],
      [record(ticket)],
      [],
    ])
      expect(wanted(...said, CHANGE_CIPHER_SPEC, FINISHED)).toBe(0)
    expect(wanted(record(unnamed), CHANGE_CIPHER_SPEC, CHANGE_CIPHER_SPEC)).toBe(1)
  })
})

describe('certificates and tickets', () => {
  const certificate = Uint8Array.from({ length: 30 }, (_, at) => at)
  const handshakeOf = (record: Uint8Array) => {
    const step = decoded(record).value?.[0]?.steps.find(({ kind }) => kind === 'handshake')
    return step?.kind === 'handshake' ? step : expect.fail('no handshake')
  }

  it('the chain of TLS 1.2, and of TLS 1.3 with its extensions', () => {
    const entry = `00001e${Buffer.from(certificate).toString('hex')}`
    const old = fromHex(`1603030049 0b000045 000042 ${entry} ${entry}`)
    expect(handshakeOf(old).certificate).toEqual(certificate)
    const fresh = fromHex(`160303004f 0b00004b 00 000047 ${entry}0000 ${entry}000100`)
    expect(handshakeOf(fresh).certificate).toEqual(certificate)
    // the server's own is enough: the rest of the chain may be missing
    for (const [record, end] of [
      [old, 5 + 4 + 3 + 3 + 30],
      [fresh, 5 + 4 + 1 + 3 + 3 + 30],
    ] as const)
      cutEverywhere(record, (cut) => {
        const { value, fault } = decoded(cut)
        expect(fault?.reason).toBe('cut')
        if (cut.length < end) expect(value ?? []).toEqual([])
        else expect(handshakeOf(cut).certificate).toEqual(certificate)
      })
  })

  it('a chain in several records is one message', () => {
    const body = new Uint8Array(40_000).fill(7)
    const message = joined(fromHex('0b009c46 009c43 009c40'), body)
    const records = [0, 16_384, 32_768].map((at) => {
      const part = message.subarray(at, at + 16_384)
      return joined(Uint8Array.of(22, 3, 3, part.length >> 8, part.length & 0xff), part)
    })
    const fed = feed(tls, inPieces([['server', joined(...records)]], 1460))
    const kept = joined(...fed.pdus.map((pdu) => pdu.kept))
    expect(fed.pdus.map(({ more }) => more)).toEqual([true, true, false])
    expect(handshakeOf(kept).certificate).toEqual(body)
  })

  it('messages go on in the next record wherever they are cut, in their headers as well', () => {
    const body = new Uint8Array(300).fill(7)
    const certificates = joined(fromHex('0b000132 00012f 00012c'), body)
    const message = joined(TLS_SAMPLES[4]!.record.subarray(5), certificates, fromHex('0e000000'))
    for (const size of [1, 2, 3, 4, 5, 7, 43, 44, 45, 46, 48, 100]) {
      const records = Array.from({ length: Math.ceil(message.length / size) }, (_, at) => {
        const part = message.subarray(at * size, (at + 1) * size)
        return joined(Uint8Array.of(22, 3, 1, part.length >> 8, part.length & 0xff), part)
      })
      for (const bytes of [1460, 7, 1]) {
        const { pdus } = feed(tls, inPieces([['server', joined(...records)]], bytes))
        // PDUs that go on are one
        const whole: Uint8Array[] = []
        let held: Uint8Array[] = []
        for (const { kept, more } of pdus) {
          held.push(kept)
          if (more) continue
          whole.push(joined(...held))
          held = []
        }
        const types = whole.flatMap((pdu) => (pdu.length === 0 ? [] : (tls.decode(pdu, 'server').value ?? [])))
        expect(
          types.map(({ type }) => type),
          `records of ${size}`,
        ).toEqual(['ServerHello', 'Certificate'])
        const [step] = types[1]!.steps
        expect(step?.kind === 'handshake' ? step.certificate : null).toEqual(body)
      }
    }
  })

  it('tickets of either form, and the identities that a client offers', () => {
    expect(handshakeOf(fromHex('160303000e 0400000a 00001c20 0004 deadbeef')).tickets).toEqual([fromHex('deadbeef')])
    expect(handshakeOf(fromHex('1603030016 04000012 00001c20 01020304 01 00 0004 deadbeef 0000')).tickets).toEqual([
      fromHex('deadbeef'),
    ])
  })

  it('what somebody with the keys tells is read as it was written', () => {
    const record = openedRecord('0123', ['4567', '89ab'])
    expect(handshakeOf(record)).toMatchObject({
      message: 'opened',
      bindings: { unique: '0123', exporters: ['4567', '89ab'] },
    })
    expect(handshakeOf(openedRecord(null, [])).bindings).toEqual({ unique: null, exporters: [] })
    expect(tls.probe(record, 'server')).toBe('other')
  })

  it('an alert that ends the handshake', () => {
    expect(decoded(fromHex('1503030002 0230')).value?.[0]?.steps[0]).toMatchObject({
      facts: { tls: { alert: 'unknown_ca', alertFrom: 'client' } },
    })
    expect(decoded(fromHex('1503030002 0100')).value?.[0]?.steps[0]).toMatchObject({
      facts: { tls: { closedBy: 'client' } },
    })
    expect(decoded(fromHex('1503030002 015a')).value).toEqual([])
  })
})

describe('probe', () => {
  const mine = [
    ...TLS_SAMPLES.map(({ record }) => record),
    CHANGE_CIPHER_SPEC,
    APPLICATION_DATA,
    ALERT,
    CERTIFICATE,
    HELLO_DONE,
    fromHex('1703034800'),
  ]
  const other = [
    fromHex('1303010005 01'),
    fromHex('1803030003 01'),
    fromHex('1602010005 01'),
    fromHex('1603050005 01'),
    fromHex('1603010000 01'),
    fromHex('1603014801 01'),
    fromHex('1603010100 05'),
    fromHex('1703034801'),
    fromHex('1403030002 01'),
    fromHex('1503030001 01'),
    fromHex('1503030100 01'),
    // the hello of SSLv2
    fromHex('802e 01 0301 0015 0000 0010'),
    asBytes('GET / HTTP/1.1\r\n'),
    fromHex('30840000006b020101'),
    fromHex('00000085fe534d42'),
    // TPKT of RDP, a record of net.tcp
    fromHex('0300002f2ae00000'),
    fromHex('160100004e'),
  ]

  it('knows its own, beginning or middle', () => {
    for (const record of mine) {
      expect(tls.probe(record, 'client')).toBe('mine')
      for (let length = 0; length < Math.min(record.length, PROBE_BYTES_MAX); length++) {
        expect(tls.probe(record.subarray(0, length), 'server')).toBe(
          length < 5 || (length === 5 && record[0] === 22) ? 'more' : 'mine',
        )
      }
    }
  })

  it('refuses others', () => {
    for (const record of other) expect(tls.probe(record, 'client'), String(record)).toBe('other')
  })
})

describe('frame', () => {
  const [clientHello, serverHello] = [TLS_SAMPLES[2]!.record, TLS_SAMPLES[3]!.record]
  const nothing = new Uint8Array(0)
  const conversation: readonly (readonly ['client' | 'server', Uint8Array, Uint8Array])[] = [
    ['client', clientHello, clientHello],
    ['server', serverHello, serverHello],
    ['server', CERTIFICATE, CERTIFICATE],
    ['server', HELLO_DONE, nothing],
    ['client', ALERT, ALERT],
    ['client', CHANGE_CIPHER_SPEC, nothing],
    // an encrypted message that begins like a hello
    ['client', FINISHED, nothing],
    ['server', CHANGE_CIPHER_SPEC, nothing],
    ['server', FINISHED, nothing],
    ['client', APPLICATION_DATA, nothing],
    ['server', joined(fromHex('1703034800'), new Uint8Array(0x4800)), nothing],
    // the rest of the half belongs to what its first application data began
    ['client', fromHex('1703030000'), nothing],
    ['client', fromHex('1503030002 0100'), nothing],
  ]
  const pieces = conversation.map(([side, bytes]): Piece => [side, bytes])
  const rest = (side: 'client' | 'server') => ({ side, length: UNTIL_CLOSE, kept: nothing, more: false })
  const wanted = [
    ...conversation.slice(0, 9).map(([side, bytes, kept]) => ({ side, length: bytes.length, kept, more: false })),
    rest('client'),
    rest('server'),
  ]

  it('keeps hellos, certificates, alerts and nothing else, however the bytes are cut', () => {
    const fed = feed(tls, pieces)
    expect(fed).toMatchObject({ pdus: wanted, lostAt: { client: null, server: null }, leftBytes: 0 })
    for (const size of [1, 2, 5, 6, 64]) expect(feed(tls, inPieces(pieces, size)).pdus).toEqual(wanted)
    pieces.forEach(([, bytes], index) => {
      for (let at = 1; at < Math.min(bytes.length, 300); at++) {
        expect(feed(tls, cutPiece(pieces, index, at)).pdus).toEqual(wanted)
      }
    })
  })

  it('buffers no application data', () => {
    const record = joined(fromHex('1703034000'), new Uint8Array(0x4000))
    const many = inPieces(
      Array.from({ length: 100 }, (): Piece => ['server', record]),
      1460,
    )
    const fed = feed(tls, many)
    expect(fed.pdus).toEqual([rest('server')])
    expect(fed.heldBytesMax).toBeLessThan(10)
  })

  it('a half that was met in the middle takes no encrypted handshake for a hello', () => {
    const fed = feed(tls, [
      ['client', CHANGE_CIPHER_SPEC],
      ['client', FINISHED],
    ])
    expect(fed.pdus.map(({ kept }) => kept.length)).toEqual([0, 0])
  })

  it('is lost where no record starts', () => {
    for (const bytes of ['18', '1602', '160305', '1603034801', '474554']) {
      expect(feed(tls, [['client', joined(CHANGE_CIPHER_SPEC, fromHex(bytes))]]).lostAt.client).toBe(6)
    }
    expect(feed(tls, [['client', fromHex('1603010000')]])).toMatchObject({ pdus: [{ length: 5, kept: nothing }] })
  })

  it('survives changed bytes, with progress at every step', () => {
    conversation.forEach(([, bytes], index) => {
      changeBytes(bytes.subarray(0, 300), 200, (changed) => {
        const fed = feed(tls, [...pieces.slice(0, index), [pieces[index]![0], changed], ...pieces.slice(index + 1)])
        for (const pdu of fed.pdus) if (pdu.kept.length > 0) tls.decode(pdu.kept, pdu.side)
      })
    })
  })
})
