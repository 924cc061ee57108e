/** RDP without CredSSP: what is said about server and client. */
import { expect, it } from 'vitest'
import type { ContextFact } from '../../../../decoders/carrier.ts'
import { DesktopWatch } from '../../../../src/findings/watches/desktops.ts'
import { endpoint, MORNING } from '../../../builders/report.ts'

const CLIENT = endpoint('192.0.2.101', 50_000)
const SERVER = endpoint('192.0.2.20', 3389)

function sighted(...said: readonly { asked?: readonly string[]; chosen?: string }[]): (string | undefined)[] {
  const watch = new DesktopWatch()
  said.forEach(({ asked = null, chosen = null }, frame) => {
    const [sender, receiver] = asked === null ? [SERVER, CLIENT] : [CLIENT, SERVER]
    const fact: ContextFact = { fact: 'rdp-security', asked, chosen }
    watch.context({ capture: 'lab.pcapng', time: MORNING, frame, sender, receiver, fact })
  })
  return watch.sightings().flatMap(({ rule, hit, client, server }) => {
    expect([client, server]).toEqual([CLIENT.ip, SERVER.ip])
    return [`${rule.id} ${hit.detail}`, ...hit.missing]
  })
}

it('tells a server that chose less from a client that offered less', () => {
  expect(sighted({ asked: ['SSL', 'HYBRID'] }, { chosen: 'SSL' })).toEqual([
    'NS-SG-017 the server chose SSL; the client asked for SSL, HYBRID',
  ])
  expect(sighted({ asked: ['RDP'] }, { chosen: 'RDP' })).toEqual([
    'NS-SG-016 the server chose RDP; the client did not offer CredSSP (it asked for RDP)',
  ])
})

it('says where the request is missing, and takes that of another conversation for none', () => {
  const unseen = [
    'NS-SG-017 the server chose SSL; what the client asked for is not in the capture',
    'the request of the client',
  ]
  expect(sighted({ chosen: 'SSL' })).toEqual(unseen)
  expect(sighted({ asked: ['SSL', 'HYBRID'] }, { chosen: 'HYBRID' }, { chosen: 'SSL' })).toEqual(unseen)
})

it('says nothing about what CredSSP protects', () => {
  expect(sighted({ asked: ['SSL', 'HYBRID'] }, { chosen: 'HYBRID' })).toEqual([])
  expect(sighted({ asked: ['RDSTLS'] }, { chosen: 'RDSTLS' })).toEqual([])
})
