/**
 * What scripts add to a page that is complete without them: search, chips of verdicts, sorting and pages of all pairs,
 * their details, copy buttons, light or dark. It makes elements and text nodes alone, and sends nothing.
 *
 * The text of this function stands in the page and runs there: it uses nothing of this file or of another one, and is
 * written in what every browser of the last five years knows.
 */
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { PairTable } from './pair-table.ts'

export function client(): void {
  const PAGE = 50
  const COPIED_MS = 1500
  const data = document.getElementById('pair-data')?.textContent
  const table = data ? (JSON.parse(data) as PairTable) : null
  /** in the language of the page */
  const ui = (words: string, ...values: readonly string[]) =>
    (table?.words?.[words] ?? words).replace(/\{(\d)\}/g, (_, number) => values[Number(number)] ?? '')
  const countText = (count: number) => String(count).replace(/\B(?=(\d{3})+$)/g, ',')
  const make = <K extends keyof HTMLElementTagNameMap>(
    name: K,
    className = '',
    text = '',
  ): HTMLElementTagNameMap[K] => {
    const element = document.createElement(name)
    if (className !== '') element.className = className
    if (text !== '') element.textContent = text
    return element
  }
  const button = (text: string, click: () => void, className = '') => {
    const element = make('button', className, text)
    element.type = 'button'
    element.addEventListener('click', click)
    return element
  }

  // --- copying
  // -------------------------------------------------------------------------------------------------------------------

  const copyButton = (label: string, text: () => string, shown: Element | null) => {
    const element = button(
      label,
      () => {
        const said = (word: string) => {
          element.textContent = word
          setTimeout(() => {
            element.textContent = label
          }, COPIED_MS)
        }
        const select = () => {
          if (shown === null) return said(ui('Not allowed here'))
          if (!shown.isConnected) element.after(shown)
          getSelection()?.selectAllChildren(shown)
          said(ui('Selected: press Ctrl+C'))
        }
        if (navigator.clipboard) navigator.clipboard.writeText(text()).then(() => said(ui('Copied')), select)
        else select()
      },
      'copy',
    )
    return element
  }
  const addCopying = (root: ParentNode) => {
    // of frames, a display filter for Wireshark; where nothing may be copied, it is shown to be taken
    for (const proof of root.querySelectorAll('[data-filter]')) {
      const filter = proof.getAttribute('data-filter') ?? ''
      proof.after(copyButton(ui('Copy filter'), () => filter, make('code', '', filter)))
    }
    for (const code of root.querySelectorAll('code[data-copy]'))
      code.after(copyButton(ui(`Copy ${code.getAttribute('data-copy')}`), () => code.textContent ?? '', code))
  }
  addCopying(document)

  // --- rows that wait
  // -------------------------------------------------------------------------------------------------------------------

  for (const rest of document.querySelectorAll('template')) {
    const scroll = rest.closest<HTMLElement>('.scroll')
    if (scroll === null) continue
    const said = scroll.nextElementSibling?.matches('.left') ? scroll.nextElementSibling : null
    const more = button(
      ui('Show more'),
      () => {
        const rows = [...rest.content.children].slice(0, PAGE)
        for (const row of rows) {
          addCopying(row)
          rest.before(row)
        }
        const line = said?.firstChild
        const left = Number(/[\d,]+/.exec(line?.textContent ?? '')?.[0].replace(/,/g, '') ?? 0) - rows.length
        if (left <= 0) said?.remove()
        else if (line) line.textContent = (line.textContent ?? '').replace(/[\d,]+/, countText(left))
        if (rest.content.children.length > 0) return
        more.remove()
        scroll.focus()
      },
      'more',
    )
    scroll.after(more)
  }

  // --- light or dark
  // -------------------------------------------------------------------------------------------------------------------

  document.querySelector('nav')?.append(
    button(ui('Light or dark'), () => {
      const root = document.documentElement
      const dark = matchMedia('(prefers-color-scheme:dark)').matches ? 'dark' : 'light'
      const now = root.getAttribute('data-theme') ?? dark
      root.setAttribute('data-theme', now === 'dark' ? 'light' : 'dark')
    }),
  )

  // --- pairs
  // -------------------------------------------------------------------------------------------------------------------

  const section = document.getElementById('pairs')
  const body = section?.querySelector('tbody')
  const heads = section?.querySelector('thead tr')
  if (!section || !body || !heads || !table) return
  const { labels, verdicts, texts, rows } = table
  const at = {
    client: 0,
    clientName: 1,
    server: 2,
    serverName: 3,
    service: 4,
    verdict: 5,
    logons: 6,
    ntlm: 7,
    facts: 8,
  }
  const text = (row: readonly number[], column: number) => texts[row[column] ?? 0] ?? ''
  const proofAt = at.facts + labels.length - 1

  let query = ''
  let verdict = ''
  let service = ''
  let sort = ''
  let down = false
  let page = 0
  let found: readonly (readonly number[])[] = rows

  // what is searched, in lower case: made when somebody searches
  let searched: string[] | null = null
  const searchText = () => {
    searched ??= rows.map((row) =>
      [...row.slice(0, at.verdict), ...row.slice(at.facts, proofAt)]
        .map((number) => texts[number] ?? '')
        .join('\n')
        .toLowerCase(),
    )
    return searched
  }

  const padded = (ip: string) =>
    ip
      .split('.')
      .map((part) => part.padStart(3, '0'))
      .join('.')
  const keys: Record<string, (row: readonly number[]) => string | number> = {
    client: (row) => padded(text(row, at.client)),
    server: (row) => padded(text(row, at.server)),
    service: (row) => text(row, at.service),
    verdict: (row) => row[at.verdict] ?? 0,
    logons: (row) => -(row[at.logons] ?? 0),
    ntlm: (row) => -(row[at.ntlm] ?? 0),
  }

  const find = () => {
    const words = query
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '')
    const all = words.length === 0 ? null : searchText()
    found = rows.filter(
      (row, number) =>
        (verdict === '' || verdicts[row[at.verdict] ?? 0]?.[0] === verdict) &&
        (service === '' || text(row, at.service) === service) &&
        (all === null || words.every((word) => all[number]?.includes(word))),
    )
    const key = keys[sort]
    if (key !== undefined) {
      const keyed = found.map((row) => [key(row), row] as const)
      keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (down ? -1 : 1))
      found = keyed.map(([, row]) => row)
    }
  }

  const host = (ip: string, name: string) => {
    const parts: Node[] = []
    if (name !== '') {
      const bold = make('b')
      bold.append(make('bdi', '', name))
      parts.push(bold, document.createTextNode(' '), make('span', 'dim', ip))
    } else parts.push(make('b', '', ip))
    return parts
  }

  const detail = (row: readonly number[]) => {
    const list = make('dl')
    labels.forEach((label, number) => {
      const value = text(row, at.facts + number)
      if (value === '') return
      const shown = make('dd')
      shown.append(make('bdi', '', value))
      list.append(make('dt', '', ui(label)), shown)
    })
    const frames = /: frames? ([\d, ]+)/.exec(text(row, proofAt))?.[1]?.trim()
    const commands = [
      ...(frames ? [['filter', 'In Wireshark', `frame.number in {${frames}}`] as const] : []),
      [
        'command',
        'Is it fixed?',
        `ntlmscope verify NEW.pcapng --client ${text(row, at.client)} --server ${text(row, at.server)} --service ${text(row, at.service)} --expect kerberos`,
      ] as const,
    ]
    for (const [what, label, command] of commands) {
      const code = make('code', '', command)
      code.setAttribute('data-copy', what)
      const shown = make('dd')
      shown.append(code)
      list.append(make('dt', '', ui(label)), shown)
    }
    addCopying(list)
    return list
  }

  const line = (row: readonly number[]) => {
    const tr = make('tr')
    const client = make('th', 'host')
    client.scope = 'row'
    client.append(...host(text(row, at.client), text(row, at.clientName)))
    const server = make('td', 'host')
    server.append(...host(text(row, at.server), text(row, at.serverName)))
    const mark = make('td')
    const [, words, state] = verdicts[row[at.verdict] ?? 0] ?? ['', '', 'note']
    mark.append(make('span', `mark ${state}`, words))
    const why = make('td', 'small')
    const details = make('details', 'pair')
    const causes = text(row, at.facts + labels.indexOf('Causes')) || text(row, at.facts + labels.indexOf('Findings'))
    const summary = make('summary', '', causes === '' ? ui('Details') : '')
    if (causes !== '') summary.append(make('bdi', '', causes))
    details.append(summary)
    details.addEventListener('toggle', () => {
      if (details.open && details.children.length === 1) details.append(detail(row))
    })
    why.append(details)
    tr.append(
      client,
      server,
      make('td', '', text(row, at.service)),
      mark,
      make('td', 'r', countText(row[at.logons] ?? 0)),
      make('td', 'r', countText(row[at.ntlm] ?? 0)),
      why,
    )
    return tr
  }

  const tools = make('div', 'tools')
  const status = make('p', 'dim')
  status.setAttribute('role', 'status')
  const pager = make('div', 'tools')
  const chips = new Map<string, HTMLButtonElement>()

  const remember = () => {
    const parts = [
      ...(query === '' ? [] : [`q=${encodeURIComponent(query)}`]),
      ...(verdict === '' ? [] : [`verdict=${encodeURIComponent(verdict)}`]),
      ...(service === '' ? [] : [`service=${encodeURIComponent(service)}`]),
      ...(sort === '' ? [] : [`sort=${down ? '-' : ''}${sort}`]),
    ]
    // a page of a file may not be allowed to
    try {
      history.replaceState(null, '', `#pairs${parts.length === 0 ? '' : `&${parts.join('&')}`}`)
    } catch {}
  }

  const show = () => {
    const pages = Math.max(1, Math.ceil(found.length / PAGE))
    page = Math.min(Math.max(0, page), pages - 1)
    const shown = found.slice(page * PAGE, (page + 1) * PAGE)
    body.replaceChildren(...shown.map(line))
    const first = found.length === 0 ? 0 : page * PAGE + 1
    status.textContent =
      ui('{0} of {1} pairs', countText(found.length), countText(rows.length)) +
      (found.length > PAGE ? ui(', {0} to {1} shown', countText(first), countText(first + shown.length - 1)) : '')
    previous.disabled = page === 0
    next.disabled = page === pages - 1
    pager.hidden = pages === 1
    for (const [name, chip] of chips) chip.setAttribute('aria-pressed', String(name === verdict))
    for (const th of heads.querySelectorAll('th')) {
      const name = th.getAttribute('data-sort')
      if (name !== null && name === sort) th.setAttribute('aria-sort', down ? 'descending' : 'ascending')
      else th.removeAttribute('aria-sort')
    }
  }
  const again = () => {
    page = 0
    find()
    show()
    remember()
  }
  const turn = (by: number) => {
    page += by
    show()
    section.scrollIntoView()
  }
  const previous = button(ui('Previous 50'), () => turn(-1))
  const next = button(ui('Next 50'), () => turn(1))
  pager.append(previous, next)

  const search = make('input')
  search.type = 'search'
  let waiting = 0
  search.addEventListener('input', () => {
    query = search.value
    // what is typed fast is searched once
    clearTimeout(waiting)
    waiting = window.setTimeout(again, 40)
  })
  const searchLabel = make('label', '', ui('Search '))
  searchLabel.append(search)
  tools.append(searchLabel)
  verdicts.forEach(([name, words, state], number) => {
    const count = rows.reduce((sum, row) => sum + (row[at.verdict] === number ? 1 : 0), 0)
    if (count === 0) return
    const chip = button(
      `${words} ${countText(count)}`,
      () => {
        verdict = verdict === name ? '' : name
        again()
      },
      `mark chip ${state}`,
    )
    chips.set(name, chip)
    tools.append(chip)
  })
  const services = [...new Set(rows.map((row) => text(row, at.service)))].sort()
  const select = make('select')
  for (const name of ['', ...services]) {
    const option = make('option', '', name === '' ? ui('all') : name)
    option.value = name
    select.append(option)
  }
  select.addEventListener('change', () => {
    service = select.value
    again()
  })
  const selectLabel = make('label', '', ui('Service '))
  selectLabel.append(select)
  const cell = (value: string) => `"${(/^[=+@\-\t]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`
  const csv = () =>
    [
      [
        'client',
        'client name',
        'server',
        'server name',
        'service',
        'verdict',
        'logons',
        'NTLM',
        ...labels.map((label) => ui(label)),
      ].map(cell),
      ...found.map((row) => [
        ...[at.client, at.clientName, at.server, at.serverName, at.service].map((column) => cell(text(row, column))),
        cell(verdicts[row[at.verdict] ?? 0]?.[0] ?? ''),
        String(row[at.logons]),
        String(row[at.ntlm]),
        ...labels.map((_, number) => cell(text(row, at.facts + number))),
      ]),
    ]
      .map((cells) => cells.join(','))
      .join('\r\n')
  const clear = () => {
    search.value = ''
    select.value = ''
    query = ''
    verdict = ''
    service = ''
    sort = ''
    down = false
    again()
  }
  tools.append(selectLabel, button(ui('Clear'), clear), copyButton(ui('Copy these rows as CSV'), csv, null))

  for (const th of heads.querySelectorAll('th[data-sort]')) {
    const name = th.getAttribute('data-sort') ?? ''
    const words = th.textContent ?? ''
    th.replaceChildren(
      button(words.trim(), () => {
        if (sort === name) down = !down
        else {
          sort = name
          down = false
        }
        again()
      }),
    )
  }
  const scroll = section.querySelector('.scroll')
  section.querySelector('.left')?.remove()
  scroll?.before(tools, status)
  scroll?.after(pager)

  // as the address says: a view can be sent
  const parts = new URLSearchParams(location.hash.replace(/^#pairs&?/, ''))
  if (location.hash.startsWith('#pairs')) {
    query = parts.get('q') ?? ''
    verdict = verdicts.some(([name]) => name === parts.get('verdict')) ? (parts.get('verdict') ?? '') : ''
    service = services.includes(parts.get('service') ?? '') ? (parts.get('service') ?? '') : ''
    const asked = parts.get('sort') ?? ''
    down = asked.startsWith('-')
    sort = asked.replace(/^-/, '') in keys ? asked.replace(/^-/, '') : ''
    search.value = query
    select.value = service
  }
  find()
  show()
  // the first letter that is typed waits for nothing
  if ('requestIdleCallback' in window) window.requestIdleCallback(() => searchText())
}
