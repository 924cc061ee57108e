/** Real captures: the same packets in every link type and tunnel, and the identity on all of them. */

import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openCapture } from '../../../src/capture/open.ts'
import { Network } from '../../../src/net/net.ts'
import { SHARED } from '../../captures/folders.ts'
import { accounted, type Read, readOne } from './read.ts'

const folder = SHARED

async function readCapture(path: string): Promise<{ network: Network; reads: (Read | null)[] }> {
  const network = new Network()
  const reads: (Read | null)[] = []
  const { reader } = await openCapture(path, 0)
  for (let state = reader.next(); state !== 'end'; state = reader.next()) {
    if (state === 'starved') await reader.fill()
    else reads.push(readOne(network, reader.packet))
  }
  await reader.close()
  return { network, reads }
}

describe.skipIf(!existsSync(folder))(`the network layers on ${folder}`, () => {
  const lab = (name: string) => readCapture(join(folder, 'lab', name))

  it.each([
    ['31-base-plain.pcap.gz', [], []],
    ['31a-vlan-8021q.pcap', [77], []],
    ['31c-vlan-qinq-8100-8100.pcap', [77, 200], []],
    ['31d-pcap-big-endian-nanosecond.pcap', [], []],
    ['31e-linktype-raw-ip.pcap', [], []],
    ['31f-pcapng.pcapng', [], []],
    ['32-encap-erspan1.pcap', [], ['ERSPAN I']],
    ['32-encap-erspan2.pcap', [], ['ERSPAN II']],
    ['32-encap-gretap.pcap', [], ['GRE']],
  ])('%s holds the segments of 31-base-plain.pcap', async (name, vlans, tunnels) => {
    const plain = await lab('31-base-plain.pcap')
    const { network, reads } = await lab(name)
    expect([network.tcp, network.udp]).toEqual([339, 22])
    expect(reads).toEqual(plain.reads)
    expect(network.vlans).toEqual(vlans)
    expect(network.tunnels).toEqual(tunnels)
  })

  it('a VXLAN mirror is seen from inside', async () => {
    const { network } = await lab('32-encap-vxlan.pcap')
    expect(network).toMatchObject({ packets: 363, tcp: 339, udp: 22, tunnels: ['VXLAN'] })
  })

  it.each([
    ['37-kerberos-udp-ip-fragments.pcap', 8, 4],
    ['37c-kerberos-udp-mtu576-fragments.pcap', 6, 3],
  ])('fragments are joined: %s', async (name, udp, fragmentJoined) => {
    const { network } = await lab(name)
    expect(network.udp).toBe(udp)
    expect(network.drops).toMatchObject({ fragmentJoined, fragmentWaiting: 0, fragmentLost: 0, malformed: 0 })
  })

  it('every packet of every capture is accounted for, and none of them is malformed', async () => {
    const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /cap(ng)?(\.gz)?$/.test(path),
    )
    expect(paths.length).toBeGreaterThan(0)
    for (const path of paths) {
      const { network, reads } = await readCapture(join(folder, path))
      accounted(network)
      expect(network.packets).toBe(reads.length)
      expect([path, network.drops.malformed, network.drops.tooDeep]).toEqual([path, 0, 0])
    }
  })
})
