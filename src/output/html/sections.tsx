/**
 * Sections of the page that it has where they are asked for: a head, what changed, devices, whose hosts they are.
 */
import type { VNode } from 'preact'
import { countText } from '../page/numbers.ts'
import type { Cover } from '../writer.ts'
import type { ChangesText, DeviceText, OwnerList } from './extras.ts'
import { type HeadCell, Mark, ProofText, RowTable } from './parts.tsx'

const COVER_WORDS = [
  ['for', 'For'],
  ['where', 'Captured'],
  ['why', 'Why'],
  ['author', 'By'],
] as const

const CHANGE_LABELS = ['Change', 'Client', 'Server', 'Service', 'What, and proof']
const CHANGES_SHOWN = 20
const DEVICE_LABELS = ['Asked', 'Grade', 'Why, or how to test it']
const OWNER_LABELS: readonly (string | HeadCell)[] = [
  'Whose',
  { label: 'NTLM logons', isNumber: true },
  { label: 'fallback', isNumber: true },
  { label: 'Kerberos', isNumber: true },
  { label: 'pairs', isNumber: true },
  'Causes and proof',
]

export function CoverHead({ cover }: { readonly cover: Cover }): VNode {
  return (
    <section id="cover" class="cover">
      {cover.title === undefined ? null : (
        <h2>
          <bdi>{cover.title}</bdi>
        </h2>
      )}
      <dl>
        {COVER_WORDS.map(([member, label]) =>
          cover[member] === undefined ? null : (
            <div key={member}>
              <dt>{label}</dt>
              <dd>
                <bdi>{cover[member]}</bdi>
              </dd>
            </div>
          ),
        )}
      </dl>
    </section>
  )
}

export function Changes({ changes: { since, rows, left, coverage } }: { readonly changes: ChangesText }): VNode {
  return (
    <section id="changes">
      <h2>
        What changed{' '}
        <small>
          since <bdi>{since}</bdi>; a pair that is not seen any more is gone, not fixed
        </small>
      </h2>
      {rows.length === 0 ? (
        <p>Nothing that both readings show.</p>
      ) : (
        <RowTable
          label="Changes"
          columns={CHANGE_LABELS}
          rows={rows}
          shown={CHANGES_SHOWN}
          row={(row, at) => (
            <tr key={at}>
              <td>
                <Mark state={row.state}>{row.change}</Mark>
              </td>
              <td class="host">{row.client}</td>
              <td class="host">{row.server}</td>
              <td>{row.service}</td>
              <td class="small">
                <bdi>{row.what}</bdi>
                <div class="dim">
                  <bdi>{row.proof}</bdi>
                </div>
              </td>
            </tr>
          )}
        />
      )}
      {left === 0 ? null : (
        <p class="dim">
          {countText(left)} more: <code>ntlmscope diff LAST.json NEW.json</code>
        </p>
      )}
      {coverage.length === 0 ? null : (
        <ul class="dim">
          {coverage.map((text) => (
            <li key={text}>
              <bdi>{text}</bdi>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

export function Devices({ devices }: { readonly devices: readonly DeviceText[] }): VNode {
  return (
    <section id="devices">
      <h2>
        Devices <small>only what was refused or not offered, or used as it should be, passes</small>
      </h2>
      {devices.map(({ name, lines }) => (
        <div key={name} class="device">
          <h3>
            <bdi>{name}</bdi>
          </h3>
          <RowTable
            label={`Card of ${name}`}
            columns={DEVICE_LABELS}
            rows={lines}
            row={({ asked, grade, state, why }) => (
              <tr key={asked}>
                <th scope="row">{asked}</th>
                <td>
                  <Mark state={state}>{grade}</Mark>
                </td>
                <td class="small">
                  {why.map((text) => (
                    <div key={text}>
                      <bdi>{text}</bdi>
                    </div>
                  ))}
                </td>
              </tr>
            )}
          />
        </div>
      ))}
    </section>
  )
}

const TITLES = { owner: 'By owner', wave: 'By wave' } as const

export function Owners({ lists }: { readonly lists: readonly OwnerList[] }): VNode {
  return (
    <section id="owners">
      <h2>
        Whose hosts <small>of servers, else of clients; nobody's first</small>
      </h2>
      {lists.map(({ by, rows, left }) => (
        <div key={by}>
          <h3>{TITLES[by]}</h3>
          <RowTable
            label={TITLES[by]}
            columns={OWNER_LABELS}
            rows={rows}
            row={(row) => (
              <tr key={row.value}>
                <th scope="row">
                  <bdi>{row.value}</bdi>
                </th>
                <td class="r">{countText(row.ntlm)}</td>
                <td class="r">{countText(row.fallback)}</td>
                <td class="r">{countText(row.kerberos)}</td>
                <td class="r">{countText(row.pairs)}</td>
                <td class="small">
                  {row.causes}
                  <div class="dim">
                    <ProofText proof={row.proof} />
                  </div>
                </td>
              </tr>
            )}
          />
          {left === 0 ? null : <p class="dim">{countText(left)} more in JSON</p>}
        </div>
      ))}
    </section>
  )
}
