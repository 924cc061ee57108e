/**
 * What a file is that is no capture which we read: another format of captures, an archive that may hold one, or
 * something that nobody meant.
 *
 * In a folder nobody names the files one by one, so name and head decide: what says that it is a capture, or an archive
 * of one, was meant to be read, and a report without it is not about the whole folder. Everything else is only told.
 * Formats by their magics: wiretap of Wireshark, file(1).
 */

/**
 * A name of a capture, ring-buffer numbers included: `a.pcap`, `a.pcap03`, `a.pcapng.1`, `a.cap`; and what dumpcap
 * makes of a name without an ending (`-b`): `a_00003_20261129021500`.
 */
const CAPTURE_NAME =
  /_\d{5}_\d{14}$|\.(?:pcap|pcapng|cap|ntar|npcap|snoop|erf|etl|nettl|trc|enc|dmp|5vw|pkt|tpc|apc|wpz|bfr|fdc|vwr)(?:[._-]?\d+)?$/i
/** Around a capture: what follows its name. */
const PACKED_NAME =
  /\.(?:gz|gzip|zst|zstd|xz|lzma|lz4|bz2|z|br|zip|7z|rar|tar|tgz|txz|tbz2?|tzst|part|partial|tmp|crdownload)$/i
/** Archives that do not show their content in their head, when nothing else stands in their name. */
const OPAQUE = new Set(['7z', 'rar', 'bzip2', 'lzma', 'tar'])
const EDITCAP = 'convert it with editcap -F pcapng'

/** The beginning of a file, and what it means: `capture` was meant to be read, an `archive` may hold one. */
interface Format {
  readonly magic: string
  readonly offset?: number
  readonly name: string
  readonly kind: 'capture' | 'archive'
  /** what to do */
  readonly hint: string
}

const FORMATS: readonly Format[] = [
  { magic: '504b0304', name: 'zip', kind: 'archive', hint: 'a ZIP archive: unpack it first' },
  { magic: '377abcaf271c', name: '7z', kind: 'archive', hint: 'a 7-Zip archive: unpack it first' },
  { magic: '526172211a07', name: 'rar', kind: 'archive', hint: 'a RAR archive: unpack it first' },
  {
    magic: '425a68',
    name: 'bzip2',
    kind: 'archive',
    hint: 'bzip2: decompress it first (bzip2 -dc FILE | ntlmscope ... -)',
  },
  {
    magic: '5d00008000',
    name: 'lzma',
    kind: 'archive',
    hint: 'lzma: decompress it first (xz -dc FILE | ntlmscope ... -)',
  },
  { magic: '7573746172', offset: 257, name: 'tar', kind: 'archive', hint: 'a tar archive: unpack it first' },
  { magic: '736e6f6f70000000', name: 'snoop', kind: 'capture', hint: `snoop: ${EDITCAP}` },
  { magic: '474d4255', name: 'netmon', kind: 'capture', hint: `Network Monitor: ${EDITCAP}` },
  { magic: '52545353', name: 'netmon', kind: 'capture', hint: `Network Monitor: ${EDITCAP}` },
  { magic: '5452534e494646206461746120202020', name: 'sniffer', kind: 'capture', hint: `DOS Sniffer: ${EDITCAP}` },
  { magic: '58435000', name: 'netxray', kind: 'capture', hint: `NetXray or Windows Sniffer: ${EDITCAP}` },
  { magic: '7f766572', name: 'omnipeek', kind: 'capture', hint: `OmniPeek: ${EDITCAP}` },
  { magic: '69707472616365', name: 'iptrace', kind: 'capture', hint: `AIX iptrace: ${EDITCAP}` },
  { magic: '5452006400', name: 'nettl', kind: 'capture', hint: `HP-UX nettl: ${EDITCAP}` },
  { magic: 'aaaaaaaa', name: '5views', kind: 'capture', hint: `5View: ${EDITCAP}` },
]
/**
 * Event trace logs: the marker of the SYSTEM_TRACE_HEADER behind the head of the first buffer (evntrace.h: version,
 * type, flags).
 */
const EVENT_TRACE = ['020001c0', '020002c0']
const EVENT_TRACE_MARKER_AT = 72
/** bytes of the head, and of the end of a ZIP archive, that are looked at */
export const HEAD_BYTES = 65_536

/** What can be told of a file by its name and its first bytes. */
export interface ForeignFile {
  /** it was meant to be read */
  readonly isCapture: boolean
  /** what it is and what to do, for the end of a sentence; null: it says nothing */
  readonly hint: string | null
}

/**
 * `head`: what the file begins with, `tail`: what it ends with (archives list their files there). `name`: of the file,
 * with or without its path.
 */
export function foreignFile(name: string, head: Uint8Array, tail: Uint8Array = NOTHING): ForeignFile {
  const inner = unpackedName(name)
  const isNamed = CAPTURE_NAME.test(inner)
  if (isEventTrace(head) || (/\.etl$/i.test(inner) && head.length > 0))
    return { isCapture: true, hint: eventTraceHint(name) }
  const format = FORMATS.find(({ magic, offset = 0 }) => startsWith(head, magic, offset))
  if (format === undefined) return { isCapture: isNamed, hint: null }
  const isCapture = isNamed || format.kind === 'capture' || holdsCapture(format.name, inner, head, tail)
  return { isCapture, hint: format.hint }
}

/** Does the name say that this is a capture, or an archive of one? */
export function isCaptureName(name: string): boolean {
  return CAPTURE_NAME.test(unpackedName(name))
}

function eventTraceHint(name: string): string {
  const file = /[\s'"$`\\]/.test(name) ? '"FILE.etl"' : name
  const out = file.replace(/\.etl("?)$/i, '.pcapng$1')
  return `an event trace of Windows (netsh, pktmon): on Windows run pktmon etl2pcap ${file} --out ${out === file ? `${file}.pcapng` : out}`
}

/**
 * An archive whose list of files can be seen says it there; of one that hides it the name decides, and where that is
 * silent too, it may hold one.
 */
function holdsCapture(format: string, inner: string, head: Uint8Array, tail: Uint8Array): boolean {
  if (format === 'zip') return zipNames(tail).concat(zipNames(head)).some(isCaptureName)
  if (format === 'tar' && isCaptureName(latin1(head.subarray(0, 100)).split('\0', 1)[0]!)) return true
  return OPAQUE.has(format) && !/\.[A-Za-z]\w{0,4}$/.test(inner)
}

/*
 * Local file header (PK 03 04) and central directory header (PK 01 02): the name and its length stand
 *   26, 30  in the local one
 *   28, 46  in the central one
 */
function zipNames(bytes: Uint8Array): string[] {
  const names: string[] = []
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = buffer.indexOf('PK', 0, 'latin1'); at >= 0; at = buffer.indexOf('PK', at + 2, 'latin1')) {
    const isLocal = buffer[at + 2] === 3 && buffer[at + 3] === 4
    const isCentral = buffer[at + 2] === 1 && buffer[at + 3] === 2
    const lengthAt = at + (isLocal ? 26 : 28)
    if ((!isLocal && !isCentral) || lengthAt + 2 > buffer.length) continue
    const nameAt = at + (isLocal ? 30 : 46)
    names.push(buffer.toString('latin1', nameAt, nameAt + Math.min(buffer.readUInt16LE(lengthAt), 1024)))
  }
  return names
}

/** `a.pcap.gz.part` is `a.pcap`. */
function unpackedName(name: string): string {
  let inner = name
  while (PACKED_NAME.test(inner)) inner = inner.replace(PACKED_NAME, '')
  return inner
}

function isEventTrace(head: Uint8Array): boolean {
  return EVENT_TRACE.some((marker) => startsWith(head, marker, EVENT_TRACE_MARKER_AT))
}

function startsWith(head: Uint8Array, magic: string, offset: number): boolean {
  const length = magic.length / 2
  if (head.length < offset + length) return false
  return Buffer.from(head.buffer, head.byteOffset + offset, length).toString('hex') === magic
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
}

const NOTHING = new Uint8Array(0)
