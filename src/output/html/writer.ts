/**
 * `--format html`: the report as one page that needs nothing else. No request, no script from elsewhere (a policy in
 * the page forbids them), no path and no time of the machine that made it: the same report gives the same bytes.
 */
import { createHash } from 'node:crypto'
import { h } from 'preact'
import type { Report } from '../../report/report.ts'
import { language, translated } from '../../texts/say.ts'
import { rendered, toldTable } from '../page/rendered.ts'
import { visible } from '../page/visible.ts'
import type { PageExtras, Writer, WriterWords } from '../writer.ts'
import { client } from './client.ts'
import { pageModel } from './model.ts'
import { Page } from './page.tsx'
import { embedded, pairTable } from './pair-table.ts'
import { STYLE } from './style.ts'

/** The function as it stands in the program, and runs when the page is opened. */
const SCRIPT = `'use strict'\n;(${client})()\n`

export function htmlWriter({
  version,
  extras,
  inventory,
}: Pick<WriterWords, 'version' | 'extras' | 'inventory'>): Writer {
  return { end: (report) => [reportPage(report, version, { ...extras?.(report), ...(inventory && { inventory }) })] }
}

export function reportPage(report: Report, version: string, extras: PageExtras = {}): string {
  const model = pageModel(report, version, extras)
  const policy = [
    "default-src 'none'",
    `style-src ${hashOf(STYLE)}`,
    `script-src ${hashOf(SCRIPT)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return `<!doctype html>
<html lang="${language()}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="referrer" content="no-referrer">
<title>${titleOf(extras)}</title><style>${STYLE}</style></head>
<body>${rendered(h(Page, { model }))}<script type="application/json" id="pair-data">${embedded(toldTable(pairTable(model.pairs)))}</script><script>${SCRIPT}</script></body></html>
`
}

function titleOf({ cover }: PageExtras): string {
  const title = visible(cover?.title ?? translated('NTLM and Kerberos on the wire'))
  return title.replace(/[<>&]/g, (character) => `&#${character.charCodeAt(0)};`)
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
