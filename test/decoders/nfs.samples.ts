/** RPCSEC_GSS contexts as Linux and Windows clients of NFS make them. */
import { nfs } from '../../decoders/carriers/nfs.ts'
import { concat } from '../builders/net.ts'
import { type FurtherSample, kerberosFor, type Miss } from './further.samples.ts'

const u32 = (...values: readonly number[]) =>
  concat(...values.map((value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value)))
const opaque = (bytes: Uint8Array) => concat(u32(bytes.length), bytes, new Uint8Array(-bytes.length & 3))
const record = (...parts: Uint8Array[]) => {
  const body = concat(...parts)
  return concat(u32(0x8000_0000 | body.length), body)
}
const HANDLE = Uint8Array.of(1, 0, 0, 0, 7)
const NO_HANDLE = new Uint8Array(0)
const NULL_VERIFIER = u32(0, 0)
const MIC = concat(u32(6), opaque(new Uint8Array(28).fill(4)))

function call(xid: number, gssProc: number, args: Uint8Array, handle = NO_HANDLE, service = 1, proc = 0): Uint8Array {
  const credential = concat(u32(1, gssProc, 1, service), opaque(handle))
  const verifier = handle.length === 0 ? NULL_VERIFIER : MIC
  return record(u32(xid, 0, 2, 100_003, 4, proc, 6), opaque(credential), verifier, args)
}

const initResult = (xid: number, major: number, token: Uint8Array, handle = HANDLE) =>
  record(u32(xid, 1, 0), major === 0 ? MIC : NULL_VERIFIER, u32(0), opaque(handle), u32(major, 0, 128), opaque(token))
const kerberos = kerberosFor('nfs/nfs1.corp.example')
/** a call without RPCSEC_GSS, and an answer to one */
const NULL_CALL = record(u32(9, 0, 2, 100_003, 4, 0, 0, 0, 0, 0))
const NULL_REPLY = record(u32(9, 1, 0, 0, 0, 0))

export const NFS_SAMPLES: readonly FurtherSample[] = [
  {
    name: 'NFS, a context of Kerberos and calls with privacy',
    carrier: nfs,
    port: 2049,
    tshark: { layer: 'rpc', tokens: true },
    talk: [
      ['client', NULL_CALL],
      ['server', NULL_REPLY],
      ['client', call(10, 1, opaque(kerberos.request))],
      ['server', initResult(10, 0, kerberos.reply)],
      ['client', call(11, 0, opaque(new Uint8Array(60).fill(5)), HANDLE, 3)],
      ['server', record(u32(11, 1, 0), MIC, u32(0), opaque(new Uint8Array(60).fill(5)))],
    ],
    says: ['client GSSAPI token 96', 'server success GSS_S_COMPLETE token 96', 'traffic'],
    exchanges: [
      {
        service: 'nfs',
        carrier: 'nfs',
        mechanism: 'kerberos',
        result: 'success',
        target: { spn: 'nfs/nfs1.corp.example' },
      },
    ],
  },
  {
    name: 'NFS, a context that the server refuses',
    carrier: nfs,
    port: 2049,
    tshark: { layer: 'rpc', tokens: true },
    talk: [
      ['client', call(10, 1, opaque(kerberos.request))],
      ['server', initResult(10, 0x000d_0000, NO_HANDLE, NO_HANDLE)],
      ['client', call(11, 1, opaque(kerberos.request))],
      ['server', record(u32(11, 1, 1, 1, 13))],
    ],
    says: [
      'client GSSAPI token 96',
      'server failure GSS_S_FAILURE',
      'client GSSAPI token 96',
      'server failure AUTH_ERROR',
    ],
    exchanges: [
      { mechanism: 'kerberos', result: 'failure', status: { name: 'GSS_S_FAILURE' } },
      { mechanism: 'kerberos', result: 'failure' },
    ],
  },
]

export const NFS_MISSES: readonly Miss[] = [
  ['a call of AUTH_SYS', nfs, NULL_CALL],
  ['a call of another program', nfs, record(u32(9, 0, 2, 100_000, 2, 0, 0, 0, 0, 0))],
  ['an answer by itself', nfs, NULL_REPLY],
  [
    'SMB',
    nfs,
    concat(Uint8Array.of(0, 0, 0, 64), Uint8Array.from(Buffer.from('\xfeSMB', 'latin1')), new Uint8Array(60)),
  ],
]
