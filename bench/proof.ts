/**
 * Speed means nothing where the work differs: before anything is timed, `ntlmscope messages` and tshark must have found
 * the same authentication messages in a smaller mix, type by type.
 *
 * tshark shows the AP-REQ inside each TGS-REQ (PA-TGS-REQ) as a message of its own; we show it as part of the TGS-REQ.
 * That is the one correction.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { countText, NODE, PROGRAM, resultTable } from './measure.ts'

const NTLM_TYPES: Readonly<Record<string, string>> = {
  '0x00000001': 'NEGOTIATE_MESSAGE',
  '0x00000002': 'CHALLENGE_MESSAGE',
  '0x00000003': 'AUTHENTICATE_MESSAGE',
}
const KERBEROS_TYPES: Readonly<Record<string, string>> = {
  10: 'AS-REQ',
  11: 'AS-REP',
  12: 'TGS-REQ',
  13: 'TGS-REP',
  14: 'AP-REQ',
  15: 'AP-REP',
  30: 'KRB-ERROR',
}

/** Prints both counts; false when they differ. `withTshark` false: ours alone. */
export async function proveEqual(path: string, withTshark: boolean, print: (text: string) => void): Promise<boolean> {
  const ours = await countOurs(path)
  const theirs = withTshark ? await countTshark(path) : null
  const types = [...Object.values(NTLM_TYPES), ...Object.values(KERBEROS_TYPES)]
  const table = resultTable(['messages found', 'ntlmscope', 'tshark'], 1)
  let equal = true
  for (const type of types) {
    const our = ours.get(type) ?? 0
    const their = theirs?.get(type) ?? 0
    if (our !== their) equal = false
    if (our + their > 0) table.push([type, countText(our), theirs === null ? 'missing' : countText(their)])
  }
  print(table.toString())
  return theirs === null || equal
}

async function countOurs(path: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for await (const line of linesOf([NODE, PROGRAM, 'messages', path])) {
    const { protocol, type } = JSON.parse(line) as { protocol: string; type: string }
    if (protocol === 'ntlmssp' || protocol === 'kerberos') counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  return counts
}

async function countTshark(path: string): Promise<Map<string, number>> {
  const fields = ['-T', 'fields', '-e', 'ntlmssp.messagetype', '-e', 'kerberos.msg_type']
  const counts = new Map<string, number>()
  const add = (type: string | undefined) => {
    if (type !== undefined) counts.set(type, (counts.get(type) ?? 0) + 1)
  }
  for await (const line of linesOf(['tshark', '-r', path, '-Y', 'ntlmssp or kerberos', ...fields])) {
    const [ntlm = '', kerberos = ''] = line.split('\t')
    for (const type of ntlm.split(',')) add(NTLM_TYPES[type])
    for (const type of kerberos.split(',')) add(KERBEROS_TYPES[type])
  }
  counts.set('AP-REQ', (counts.get('AP-REQ') ?? 0) - (counts.get('TGS-REQ') ?? 0))
  return counts
}

function linesOf([file, ...args]: [string, ...string[]]): AsyncIterable<string> {
  const { stdout } = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'] })
  return createInterface({ input: stdout })
}
