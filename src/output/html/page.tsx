/**
 * The page, in the order in which a reader asks: the answer, what to do first, over time, relay, who, findings, what
 * was not visible. Complete without scripts; what the wire said is a text node, never markup, an attribute of another
 * meaning or an address.
 */
import { Fragment, type VNode } from 'preact'
import { say } from '../../texts/say.ts'
import { countText, plainSpaces, plural, shareText } from '../page/numbers.ts'
import { Timeline } from './charts/timeline.tsx'
import { TrendSection } from './charts/trend.tsx'
import type { PageModel, Pair, RuleText, User } from './model.ts'
import { FACT_LABELS } from './pair-table.ts'
import { type HeadCell, HostName, Left, Mark, ProofText, RowTable } from './parts.tsx'
import { Changes, CoverHead, Devices, Owners } from './sections.tsx'
import { ANSWER_WORDS, type AnswerState, type Bars, type Card, REQUIREMENT_WORDS, VERDICT_MARKS } from './states.ts'

/** what stands on the page before somebody asks for more: whoever has 20,000 pairs opens it as fast */
const PAIRS_SHOWN = 50
const PLACES_SHOWN = 10
const SERVERS_SHOWN = 20
const USERS_SHOWN = 10

const PLACE_LABELS: readonly (string | HeadCell)[] = [
  'Where',
  'Cause and change',
  { label: 'NTLM logons', isNumber: true },
  { label: 'clients', isNumber: true },
  { label: 'of all NTLM, summed', isNumber: true },
]
const SERVER_LABELS: readonly (string | HeadCell)[] = [
  'Server',
  'SMB signing',
  'LDAP signing',
  'Channel binding (EPA)',
  { label: 'NTLM logons', isNumber: true },
  { label: 'clients', isNumber: true },
]
const PAIR_LABELS: readonly (string | HeadCell)[] = [
  { label: 'Client', sort: 'client' },
  { label: 'Server', sort: 'server' },
  { label: 'Service', sort: 'service' },
  { label: 'Verdict', sort: 'verdict' },
  { label: 'logons', isNumber: true, sort: 'logons' },
  { label: 'NTLM', isNumber: true, sort: 'ntlm' },
  'Why, and all that is known',
]
const USER_LABELS: readonly (string | HeadCell)[] = [
  { label: 'NTLM', isNumber: true },
  { label: 'of them fallbacks', isNumber: true },
  { label: 'Kerberos', isNumber: true },
  { label: 'servers', isNumber: true },
  'Causes, proof',
]

export function Page({ model }: { readonly model: PageModel }): VNode {
  return (
    <>
      <a class="skip" href="#answer">
        To the answer
      </a>
      <header>
        <div>
          <h1>NTLM and Kerberos on the wire</h1>
          <p>
            <bdi>{model.captures}</bdi>
          </p>
          <p>
            {model.span} <span>({model.version})</span>
          </p>
        </div>
        <nav aria-label="Sections">
          <a href="#answer">Answer</a>
          {model.trend === null ? null : <a href="#trend">Trend</a>}
          <a href="#work">Do first</a>
          <a href="#relay">Relay</a>
          <a href="#pairs">Pairs</a>
          <a href="#findings">Findings</a>
          <a href="#unseen">Not visible</a>
        </nav>
      </header>
      <main>
        {model.cover === null ? null : <CoverHead cover={model.cover} />}
        <Answer model={model} />
        {model.trend === null ? null : <TrendSection trend={model.trend} />}
        {model.changes === null ? null : <Changes changes={model.changes} />}
        {model.devices.length === 0 ? null : <Devices devices={model.devices} />}
        <Work model={model} />
        {model.owners.length === 0 ? null : <Owners lists={model.owners} />}
        <Timeline figures={model.figures} zone={model.zone} />
        <Relay model={model} />
        <Pairs model={model} />
        <Users id="clients" title="Clients with the most NTLM" of="client" rows={model.clients} />
        <Users id="accounts" title="Accounts with the most NTLM" of="account" rows={model.accounts} />
        <Findings rules={model.rules} />
        <TurnedAwayList model={model} />
        <Unseen model={model} />
      </main>
    </>
  )
}

function Answer({ model }: { readonly model: PageModel }): VNode {
  const { who, why, relay, doubts } = model
  return (
    <section id="answer">
      {model.only.map((text) => (
        <p key={text} class="only">
          {text}
        </p>
      ))}
      <h2 class="sr">Answer</h2>
      <p class="head">{model.headline}</p>
      <div class="cards">
        <Question title="Who still uses NTLM?" href="#pairs" card={who} />
        <Question title="Why?" href="#work" card={why} />
        <Question title="Could it be relayed?" href="#relay" card={relay} />
        {model.changes === null ? (
          <article class="note">
            <h3>Is it fixed?</h3>
            <Mark state="note">{ANSWER_WORDS.note}</Mark>
            <p>
              This is one look. <code>--before LAST.json</code> puts what changed since an earlier one here; each place
              below has the command that proves its change.
            </p>
          </article>
        ) : (
          <Question title="Is it fixed?" href="#changes" card={model.changes.card} />
        )}
      </div>
      <p>
        <Mark state="unseen">out of sight</Mark>{' '}
        {doubts.length === 0
          ? 'Nothing that we know of.'
          : `${doubts.slice(0, 5).join('; ')}${doubts.length > 5 ? say`; and ${doubts.length - 5} more` : ''}: nothing is said about these.`}{' '}
        <a href="#unseen">Details</a>
      </p>
    </section>
  )
}

function Question({ title, href, card }: { title: string; href: string; card: Card }): VNode {
  return (
    <article class={card.state}>
      <h3>
        <a href={href}>{title}</a>
      </h3>
      <Mark state={card.state}>{ANSWER_WORDS[card.state]}</Mark>
      <p>
        <b class="big">{card.big}</b> {card.of}
      </p>
      <BarList {...card.bars} />
    </article>
  )
}

function BarList({ rows, most }: Bars): VNode | null {
  if (rows.length === 0) return null
  return (
    <ul class="bars">
      {rows.map(([label, count, text]) => (
        <li key={label}>
          <bdi>{label}</bdi>
          <span class="r">{text}</span>
          <Bar share={count / most} />
        </li>
      ))}
    </ul>
  )
}

function Bar({ share }: { readonly share: number }): VNode {
  return (
    <svg class="bar" viewBox="0 0 100 5" preserveAspectRatio="none" aria-hidden="true">
      <rect width={Math.round(1000 * Math.min(1, Math.max(0, share))) / 10} height="5" />
    </svg>
  )
}

function Work({ model: { places, placesLeft, others, isMostOpen } }: { readonly model: PageModel }): VNode {
  const open = others.map(({ count, title, fix }) => (
    <p key={title}>
      <Mark state="unseen">no single change</Mark> <bdi>{`${countText(count)} x ${title}`}</bdi>: <bdi>{fix}</bdi>
    </p>
  ))
  return (
    <section id="work">
      <h2>
        Do first <small>places by the NTLM logons that one change ends</small>
      </h2>
      {isMostOpen ? open : null}
      {places.length === 0 ? (
        <p>No NTLM was seen that a change of one place would end.</p>
      ) : (
        <RowTable
          label="Places"
          kind="work"
          columns={PLACE_LABELS}
          rows={places}
          shown={PLACES_SHOWN}
          row={(place) => (
            <tr key={`${place.cause} ${place.server.ip} ${place.service}`}>
              <th scope="row">
                <HostName host={place.server} />
                <div class="dim">{place.service}</div>
              </th>
              <td>
                <b>{place.cause}</b> {place.title}
                <div class="fix">
                  <code data-copy="change">{place.fix}</code>
                </div>
                <div class="dim small">
                  proof: <ProofText proof={place.proof} />
                </div>
                <div class="dim small then">
                  then: <code data-copy="command">{place.verify}</code>
                </div>
              </td>
              <td class="r" data-label="NTLM logons">
                {countText(place.count)}
              </td>
              <td class="r" data-label="clients">
                {countText(place.clients)}
              </td>
              <td class="r cum" data-label="of all NTLM, summed">
                {plainSpaces(shareText(place.runningShare))}
                <Bar share={place.runningShare} />
              </td>
            </tr>
          )}
        />
      )}
      <Left count={Math.max(0, places.length - PLACES_SHOWN) + placesLeft} what="place" table="places" />
      {isMostOpen ? null : open}
    </section>
  )
}

function Relay({ model }: { readonly model: PageModel }): VNode {
  const { servers, serversLeft, open, serversSeen } = model
  return (
    <section id="relay">
      <h2>
        Could it be relayed{' '}
        <small>
          what each server required, as far as it was seen; {countText(open)} of {countText(serversSeen)} leave a way
          open
        </small>
      </h2>
      {servers.length === 0 ? (
        <p>No server was seen that somebody logged on to.</p>
      ) : (
        <RowTable
          label="Servers"
          columns={SERVER_LABELS}
          rows={servers}
          shown={SERVERS_SHOWN}
          row={(row) => (
            <tr key={row.server.ip}>
              <th scope="row" class="host">
                <HostName host={row.server} />
              </th>
              {row.answers.map(({ is, proof }, at) => (
                <td key={at}>
                  {is === null ? (
                    <>
                      <span class="dim" aria-hidden="true">
                        -
                      </span>
                      <span class="sr">not spoken</span>
                    </>
                  ) : (
                    <Mark state={REQUIREMENT_WORDS[is][1]}>{REQUIREMENT_WORDS[is][0]}</Mark>
                  )}
                  {proof === null ? null : <div class="dim small">{proof.text}</div>}
                </td>
              ))}
              <td class="r">{countText(row.ntlm)}</td>
              <td class="r">{countText(row.clients)}</td>
            </tr>
          )}
        />
      )}
      <Left count={Math.max(0, servers.length - SERVERS_SHOWN) + serversLeft} what="server" table="servers" />
    </section>
  )
}

function Pairs({ model: { pairs } }: { readonly model: PageModel }): VNode {
  const shown = pairs.slice(0, PAIRS_SHOWN)
  return (
    <section id="pairs">
      <h2>
        Who uses what{' '}
        <small>{plainSpaces(plural(pairs.length, 'pair'))} of client, server and service, the worst first</small>
      </h2>
      <RowTable
        label="Pairs"
        columns={PAIR_LABELS}
        rows={shown}
        row={(pair) => <PairRow key={`${pair.client.ip} ${pair.server.ip} ${pair.service}`} pair={pair} />}
      />
      <Left count={pairs.length - shown.length} what="pair" table="pairs" />
    </section>
  )
}

function PairRow({ pair }: { readonly pair: Pair }): VNode {
  const [words, state] = VERDICT_MARKS[pair.verdict]
  return (
    <tr>
      <th scope="row" class="host">
        <HostName host={pair.client} />
      </th>
      <td class="host">
        <HostName host={pair.server} />
      </td>
      <td>{pair.service}</td>
      <td>
        <Mark state={state}>{words}</Mark>
      </td>
      <td class="r">{countText(pair.logons)}</td>
      <td class="r">{countText(pair.ntlm)}</td>
      <td class="small">
        <details class="pair">
          <summary>
            <bdi>
              {pair.facts[FACT_LABELS.indexOf('Causes')] || pair.facts[FACT_LABELS.indexOf('Findings')] || 'Details'}
            </bdi>
          </summary>
          <dl>
            {FACT_LABELS.map((label, at) =>
              pair.facts[at] === '' ? null : (
                <Fragment key={label}>
                  <dt>{label}</dt>
                  <dd>
                    <bdi>{pair.facts[at]}</bdi>
                  </dd>
                </Fragment>
              ),
            )}
          </dl>
        </details>
      </td>
    </tr>
  )
}

function Users(props: { id: string; title: string; of: string; rows: readonly User[] }): VNode | null {
  const { id, title, of, rows } = props
  if (rows.length === 0) return null
  return (
    <section id={id}>
      <details>
        <summary>
          <span>{title}</span> ({countText(rows.length)})
        </summary>
        <RowTable
          label={title}
          columns={[{ label: of }, ...USER_LABELS]}
          rows={rows}
          shown={USERS_SHOWN}
          row={(row, at) => (
            <tr key={at}>
              <th scope="row">
                <bdi>{row.name}</bdi>
              </th>
              <td class="r">{countText(row.ntlm)}</td>
              <td class="r">{countText(row.fallback)}</td>
              <td class="r">{countText(row.kerberos)}</td>
              <td class="r">{countText(row.servers)}</td>
              <td class="small">
                {row.causes}
                <div class="dim">{row.proof.text}</div>
              </td>
            </tr>
          )}
        />
      </details>
    </section>
  )
}

const SEVERITY_STATES: Readonly<Record<RuleText['severity'], AnswerState>> = {
  critical: 'bad',
  high: 'bad',
  medium: 'warn',
  low: 'note',
  info: 'note',
}

function Findings({ rules }: { readonly rules: readonly RuleText[] }): VNode {
  return (
    <section id="findings">
      <h2>Findings</h2>
      {rules.length === 0 ? <p>None.</p> : null}
      {rules.map((rule) => (
        <details key={rule.id}>
          <summary>
            <Mark state={SEVERITY_STATES[rule.severity]}>{rule.severity}</Mark> {rule.title}{' '}
            <span class="dim">
              {rule.id}, {plainSpaces(plural(rule.places, 'place'))}, {plainSpaces(plural(rule.times, 'time'))}
            </span>
          </summary>
          <ul>
            {rule.shown.map(({ where, detail, proof }, at) => (
              <li key={at}>
                {where === '' ? null : (
                  <>
                    <bdi class="name">{where}</bdi>:{' '}
                  </>
                )}
                <bdi>{detail}</bdi>{' '}
                <span class="dim small">
                  <ProofText proof={proof} />
                </span>
              </li>
            ))}
          </ul>
          <Left count={rule.places - rule.shown.length} what="place" table="findings" />
          {rule.fix === '' ? null : <p>Fix: {rule.fix}</p>}
        </details>
      ))}
    </section>
  )
}

function TurnedAwayList({ model: { turnedAway, turnedAwayLeft } }: { readonly model: PageModel }): VNode | null {
  if (turnedAway.length === 0) return null
  return (
    <section id="turned-away">
      <h2>
        Turned away <small>attempts that ended without authentication</small>
      </h2>
      <ul>
        {turnedAway.map(({ text, isTelling, proof }) => (
          <li key={text}>
            <Mark state={isTelling ? 'bad' : 'note'}>turned away</Mark> <bdi>{text}</bdi> <ProofText proof={proof} />
          </li>
        ))}
        {turnedAwayLeft > 0 ? <li>{countText(turnedAwayLeft)} more</li> : null}
      </ul>
    </section>
  )
}

function Unseen({ model: { unseen, unread, coverage } }: { readonly model: PageModel }): VNode {
  return (
    <section id="unseen">
      <h2>
        Not visible <small>nothing is said about these</small>
      </h2>
      <ul>
        {unseen.map(({ count, kind, detail }) => (
          <li key={`${kind} ${detail}`}>
            <Mark state="unseen">{kind}</Mark> {countText(count)} x <bdi>{detail}</bdi>
          </li>
        ))}
        {unread.map((line) => (
          <li key={line}>
            <Mark state="unseen">not read</Mark> <bdi>{line}</bdi>
          </li>
        ))}
        {unseen.length + unread.length === 0 ? <li>Nothing was counted as hidden.</li> : null}
      </ul>
      <p class="dim">{coverage}</p>
    </section>
  )
}
