/**
 * The page in a browser: nothing is asked of the network, nothing of the wire becomes an element, everybody can use it,
 * and many pairs are searched as one types. Wants Chromium, and is skipped, loudly, without one.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportPage } from '../../../../src/output/html/writer.ts'
import type { Report } from '../../../../src/report/report.ts'
import {
  crowdedReport,
  everyText,
  exchange,
  figures,
  finding,
  HOSTILE_TEXT,
  MORNING,
  ntlmByAddress,
  officeReport,
} from '../../../builders/report.ts'
import { temporaryFolder } from '../../../captures/packets.ts'

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
const place = process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path))
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const at = temporaryFolder()
const PAIRS = process.env.NIGHTLY ? 20_000 : 2_000

if (place === undefined)
  console.warn('skipped: the page is not opened in a browser: no Chromium (apt install chromium)')

/** What a page did that it should not. */
interface Opened {
  readonly page: Page
  readonly requests: string[]
  readonly faults: string[]
}

describe.skipIf(place === undefined)('in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: place!, args: ['--no-sandbox'] })
  }, 60_000)
  afterAll(() => browser.close())

  async function open(html: string, options: BrowserContextOptions = {}, hash = ''): Promise<Opened> {
    const file = join(at, 'page.html')
    writeFileSync(file, html)
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
    const page = await context.newPage()
    const requests: string[] = []
    const faults: string[] = []
    page.on('request', (request) => requests.push(request.url()))
    page.on('pageerror', (error) => faults.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text())
    })
    page.on('dialog', (dialog) => {
      faults.push(`dialog ${dialog.message()}`)
      void dialog.dismiss()
    })
    await page.goto(`${pathToFileURL(file)}${hash}`)
    return { page, requests, faults }
  }

  const some = place === undefined ? '' : reportPage(crowdedReport(300), '1.2.3')
  const nodesOf = (page: Page) =>
    page.evaluate(`(() => {
      let nodes = 0
      for (const walk = document.createTreeWalker(document); walk.nextNode(); ) nodes++
      return nodes
    })()`)
  const status = (page: Page) => page.locator('#pairs [role=status]')

  it('sizes and nodes stay small with many pairs', async () => {
    const many = reportPage(crowdedReport(PAIRS), '1.2.3')
    expect(many.length).toBeLessThan(150e3 + 200 * PAIRS)
    const { page, requests, faults } = await open(many)
    expect([requests.length, faults]).toEqual([1, []])
    await expect(status(page).textContent()).resolves.toMatch(/^[\d,]+ of [\d,]+ pairs, 1 to 50 shown$/)
    expect(await nodesOf(page)).toBeLessThan(5_000)
    await page.context().close()
  }, 60_000)

  it('a report with much of everything has few nodes, and shows the rest where it is asked for', async () => {
    const office = officeReport()
    const many = <T>(count: number, rows: readonly T[], part: (at: number) => Partial<T>): T[] =>
      Array.from({ length: count }, (_, at) => ({ ...rows[at % rows.length]!, ...part(at) }))
    const server = (at: number) => ({ ip: `10.3.${at >> 8}.${at & 255}`, name: `srv${at}.corp.example` })
    const hour = 3_600_000_000
    const rich: Report = {
      ...crowdedReport(300),
      places: many(300, office.places, (at) => ({ server: server(at), cause: 'RC04' })),
      servers: many(300, office.servers, (at) => ({ server: server(at), ntlm: at })),
      clients: many(300, office.clients, (at) => ({ client: server(at), ntlm: 300 - at })),
      accounts: many(300, office.accounts, (at) => ({ account: `CORP\\user${at}`, ntlm: 300 - at })),
      findings: many(128, [finding()], (at) => ({ id: `NS-SG-${100 + (at >> 2)}`, client: server(at).ip })),
      figures: figures(
        Array.from({ length: 500 }, (_, at) =>
          (at % 2 ? ntlmByAddress : exchange)({ start: MORNING + at * hour, end: MORNING + at * hour }),
        ),
      ),
    }
    const { page, faults } = await open(reportPage(rich, '1.2.3'))
    expect(await nodesOf(page)).toBeLessThan(5_000)
    const rows = page.locator('#relay tbody tr')
    const said = page.locator('#relay .left')
    expect(await rows.count()).toBe(20)
    expect(await said.textContent()).toMatch(/^280 more servers/)
    const more = page.locator('#relay').getByRole('button', { name: 'Show more' })
    await more.click()
    expect(await rows.count()).toBe(70)
    expect(await said.textContent()).toMatch(/^230 more servers/)
    while ((await more.count()) > 0) await more.click()
    expect(await rows.count()).toBe(200)
    expect(await said.textContent()).toMatch(/^100 more servers/)
    expect(faults).toEqual([])
    await page.context().close()
  }, 60_000)

  it('search, verdicts, sorting, pages and details, and an address that can be sent', async () => {
    const { page, faults } = await open(some)
    const rows = page.locator('#pairs tbody tr')
    expect(await rows.count()).toBe(50)
    const first = await rows.first().textContent()
    await page.getByRole('button', { name: 'Next 50' }).click()
    expect(await rows.first().textContent()).not.toBe(first)
    await page.locator('#pairs th button', { hasText: 'Client' }).click()
    expect(await page.locator('#pairs th[aria-sort=ascending]').textContent()).toContain('Client')
    await page.locator('#pairs details summary').first().click()
    expect(await page.locator('#pairs details dl').first().textContent()).toContain('frame.number in {')
    const chip = page.locator('#pairs .chip').first()
    await chip.click()
    expect(await chip.getAttribute('aria-pressed')).toBe('true')
    await page.locator('#pairs input').fill('no such host')
    await expect.poll(() => status(page).textContent()).toMatch(/^0 of/)
    const address = new URL(page.url()).hash
    expect(address).toContain('q=no%20such%20host')
    const again = await open(some, {}, address)
    expect(await status(again.page).textContent()).toMatch(/^0 of/)
    await again.page.getByRole('button', { name: 'Clear' }).click()
    expect(await again.page.locator('#pairs tbody tr').count()).toBe(50)
    expect([faults, again.faults]).toEqual([[], []])
  }, 60_000)

  it('an address with nonsense shows all pairs', async () => {
    const { page, faults } = await open(some, {}, '#pairs&verdict=<b>&service=__proto__&sort=constructor&q=')
    expect(await page.locator('#pairs tbody tr').count()).toBe(50)
    expect(faults).toEqual([])
  }, 60_000)

  const looks: [name: string, options: BrowserContextOptions][] = [
    ['light', {}],
    ['dark', { colorScheme: 'dark' }],
    ['phone', { viewport: { width: 390, height: 800 } }],
  ]
  it.each(process.env.NIGHTLY ? looks : looks.slice(0, 1))(
    'axe finds nothing: %s',
    async (_name, options) => {
      const { page } = await open(reportPage(officeReport(), '1.2.3'), { ...options, bypassCSP: true })
      await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
      await page.evaluate(AXE)
      const found = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>('axe.run()')
      expect(found.violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    },
    60_000,
  )

  it('hostile text in every field makes no element, request or dialog', async () => {
    const { page, requests, faults } = await open(reportPage(everyText(officeReport()), '1.2.3'))
    await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
    expect([requests.length, faults]).toEqual([1, []])
    expect(await page.locator('img, iframe, object, embed, form, link, base').count()).toBe(0)
    expect(await page.locator('script').count()).toBe(2)
    expect(await page.evaluate(`document.body.innerText.includes('onerror=alert(1)')`)).toBe(true)
    expect(HOSTILE_TEXT).toContain('onerror')
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 })
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth'), `${width}`).toBe(true)
    }
  }, 60_000)

  it('without scripts the answer, places, servers, 50 pairs with all facts and findings are there', async () => {
    const { page } = await open(some, { javaScriptEnabled: false })
    for (const id of ['answer', 'work', 'relay', 'pairs', 'findings', 'unseen'])
      expect(await page.locator(`#${id}`).count()).toBe(1)
    expect(await page.locator('#pairs tbody tr').count()).toBe(50)
    expect(await page.locator('#pairs tbody dl').count()).toBe(50)
  }, 60_000)

  it('printed, it is few pages', async () => {
    const { page } = await open(some)
    const pdf = (await page.pdf({ format: 'A4' })).toString('latin1')
    expect((pdf.match(/\/Type\s*\/Page[^s]/g) ?? []).length).toBeLessThanOrEqual(15)
  }, 60_000)
})
