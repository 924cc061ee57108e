/**
 * Builders of HTTP/1.1 messages. Content-Length is added where there is a body and nothing else says its length; header
 * names are written as given, and a header with several values is sent as several lines.
 */

export type Headers = Readonly<Record<string, string | readonly string[]>>

export interface RequestOptions {
  readonly method?: string
  readonly target?: string
  readonly version?: string
  readonly headers?: Headers
  readonly body?: Uint8Array | string
}

export interface ResponseOptions {
  readonly status?: number
  readonly reason?: string
  readonly version?: string
  readonly headers?: Headers
  readonly body?: Uint8Array | string
}

export function httpRequest(options: RequestOptions = {}): Uint8Array {
  const {
    method = 'GET',
    target = '/',
    version = 'HTTP/1.1',
    headers = { Host: 'www.example.test' },
    body = '',
  } = options
  return message(`${method} ${target} ${version}`, headers, body)
}

export function httpResponse(options: ResponseOptions = {}): Uint8Array {
  const { status = 200, reason = 'OK', version = 'HTTP/1.1', headers = {}, body = '' } = options
  return message(`${version} ${status} ${reason}`, headers, body)
}

/** A chunked body: chunks of the given sizes, the last one as often as it takes. */
export function chunkedBody(
  body: Uint8Array | string,
  sizes: readonly number[],
  extension = '',
  trailers = '',
): Uint8Array {
  const bytes = asBytes(body)
  const parts: Uint8Array[] = []
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const part = bytes.subarray(at, at + sizes[Math.min(i, sizes.length - 1)]!)
    parts.push(asBytes(`${part.length.toString(16)}${extension}\r\n`), part, asBytes('\r\n'))
    at += part.length
  }
  return joined(...parts, asBytes(`0${extension}\r\n${trailers}\r\n`))
}

/** `Negotiate <base64>` and its like. */
export function schemeWithToken(scheme: string, token: Uint8Array): string {
  return `${scheme} ${Buffer.from(token).toString('base64')}`
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts))
}

export function asBytes(text: Uint8Array | string): Uint8Array {
  return typeof text === 'string' ? Uint8Array.from(Buffer.from(text, 'latin1')) : text
}

function message(startLine: string, headers: Headers, body: Uint8Array | string): Uint8Array {
  const bytes = asBytes(body)
  const lines = [startLine]
  for (const [name, values] of Object.entries(headers)) {
    for (const value of typeof values === 'string' ? [values] : values) lines.push(`${name}: ${value}`)
  }
  const hasLength = Object.keys(headers).some((name) => /^(content-length|transfer-encoding)$/i.test(name))
  if (bytes.length > 0 && !hasLength) lines.push(`Content-Length: ${bytes.length}`)
  return joined(asBytes(`${lines.join('\r\n')}\r\n\r\n`), bytes)
}
