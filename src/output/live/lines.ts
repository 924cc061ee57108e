/**
 * What happens, a line each: an authentication as far as it is known, a finding, a word of our own. For a terminal, or
 * a file that somebody follows.
 */
import { isoTime } from '../../../decoders/parts/text.ts'
import type { AuthExchange } from '../../facts/exchange.ts'
import type { FrameRef } from '../../facts/frames.ts'
import type { Finding } from '../../findings/finding.ts'
import { say, translated } from '../../texts/say.ts'
import { visible } from '../page/visible.ts'
import { protectionText, severityText } from '../terms.ts'

const FRAMES_SHOWN = 4

/** What was said of each exchange that is not over: said again only where something else is to be said. */
export class ExchangeLines {
  readonly #said = new Map<string, string>()

  /** null: nothing new */
  of(exchange: AuthExchange, isFinal: boolean): string | null {
    const line = exchangeLine(exchange, isFinal)
    const text = line.replace(soFar(), '')
    const isNew = this.#said.get(exchange.id) !== text
    if (isFinal) this.#said.delete(exchange.id)
    else this.#said.set(exchange.id, text)
    return isNew ? line : null
  }
}

/** `12:03:04  192.0.2.103 (printer1) -> 192.0.2.30 smb  NTLMv1 success, unsigned  direct RC14 ...  frames 416, 417` */
export function exchangeLine(exchange: AuthExchange, isFinal: boolean): string {
  const { client, server, service, cause, origin, frames, capture, end } = exchange
  const why = [
    origin === null || exchange.ntlm === null ? null : origin,
    cause === null ? null : `${cause.code} ${translated(cause.title)}`,
  ]
    .filter((part) => part !== null)
    .join(' ')
  const parts = [
    clockText(end),
    `${endText(client)} -> ${endText(server)} ${service}`,
    whatText(exchange),
    ...(why === '' ? [] : [`${why}${isFinal ? '' : soFar()}`]),
    framesText(frames, capture),
  ]
  return visible(parts.join('  '))
}

export function findingLine({
  id,
  severity,
  title,
  client,
  server,
  service,
  detail,
  frames,
  capture,
  end,
}: Finding): string {
  const ends = [client, server].filter((ip) => ip !== null).join(' -> ')
  const where = `${ends}${service === null ? '' : ` ${service}`}`
  return visible(
    `${clockText(end)}  ${id} ${severityText(severity)}  ${translated(title)}${where === '' ? '' : `: ${where}`}  ${translated(detail)}  ${framesText(frames, capture)}`,
  )
}

const soFar = () => say` (so far)`

/** The time of day in UTC. */
export function clockText(micros: number): string {
  return (isoTime(micros) ?? '').slice(11, 19)
}

/** `NTLMv1 success, unsigned`: the mechanism, how it ended, how what follows is protected. */
export function whatText(exchange: AuthExchange): string {
  const { mechanism, ntlm, result, smb, channelBinding, principal, status } = exchange
  const name = ntlm === null ? mechanism : (ntlm.ntlmVersion ?? 'NTLM')
  const user = principal.user ? ` ${principal.domain ? `${principal.domain}\\` : ''}${principal.user}` : ''
  const ended =
    result === 'unknown'
      ? say`no answer seen`
      : result === 'failure'
        ? say`failure ${status?.name ?? ''}`.trim()
        : result
  const protection =
    smb !== null && smb.effective !== 'unknown' && result === 'success' ? `, ${protectionText(smb.effective)}` : ''
  const binding = ['not-applicable', 'not-visible'].includes(channelBinding) ? '' : say`, binding ${channelBinding}`
  return `${name}${user} ${ended}${protection}${binding}`
}

export function framesText(frames: readonly FrameRef[], capture: string): string {
  if (frames.length === 0) return ''
  const shown = frames.slice(0, FRAMES_SHOWN).join(', ')
  const more = frames.length > FRAMES_SHOWN ? say`, and ${frames.length - FRAMES_SHOWN} more` : ''
  const file = capture === '-' || !/[/\\]|\.pcap/.test(capture) ? '' : ` (${capture.replace(/^.*[/\\]/, '')})`
  return `${frames.length === 1 ? say`frame ${shown}` : say`frames ${shown}`}${more}${file}`
}

function endText({ ip, name }: AuthExchange['client']): string {
  return name === null || name === '' ? ip : `${ip} (${name})`
}
