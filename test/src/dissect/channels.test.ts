import { describe, expect, it } from 'vitest'
import type { HandshakeStep } from '../../../decoders/carrier.ts'
import { Channels } from '../../../src/dissect/channels.ts'
import type { Conversation } from '../../../src/stream/conversation.ts'
import { certificateOf } from '../../builders/tls.ts'

const NOTHING: HandshakeStep = {
  kind: 'handshake',
  from: 'server',
  message: 'ServerHello',
  certificate: null,
  chain: new Uint8Array(0),
  compressed: null,
  session: new Uint8Array(0),
  tickets: [],
  selected: null,
  mayResumeUnnamed: false,
  isSealed: false,
  bindings: null,
  sealedBytes: 0,
}
const NEW = { channel: null, sealed: [] } as unknown as Conversation
const named = (name: string) => Buffer.from(name)

/** A server that shows a certificate, and gives a ticket for it. */
function shown(channels: Channels, certificate: Uint8Array, ticket: string): void {
  const conversation = { ...NEW } as Conversation
  channels.take(conversation, { ...NOTHING })
  channels.take(conversation, { ...NOTHING, message: 'Certificate', certificate })
  channels.take(conversation, { ...NOTHING, message: 'NewSessionTicket', tickets: [named(ticket)] })
}

describe('a client that offers identities of TLS 1.3 and a ticket of TLS 1.2', () => {
  it('has the certificate of the one that the server takes', () => {
    const channels = new Channels()
    shown(channels, certificateOf('rsa-sha256'), 'newer')
    shown(channels, certificateOf('ec-sha256'), 'older')
    const answered = (selected: number | null, session: Uint8Array) => {
      const conversation = { ...NEW } as Conversation
      const tickets = [named('unknown'), named('newer'), named('older')]
      const hello = { ...NOTHING, from: 'client', message: 'ClientHello', session, tickets } as const
      channels.take(conversation, hello)
      return channels.take(conversation, { ...NOTHING, session, selected })?.certificate?.key
    }
    expect(answered(1, named(''))).toMatch(/RSA/)
    expect(answered(null, named('echoed'))).toMatch(/P-256|ECDSA|EC/)
    expect(answered(0, named(''))).toBeUndefined()
  })
})
