/**
 * The migration over time, of stored facts: the share of hosts that use NTLM and of Kerberos logons that were accepted,
 * what fell from one stretch to the next, and the pairs that moved.
 */
import { scaleLinear, scalePoint } from 'd3-scale'
import { line } from 'd3-shape'
import type { VNode } from 'preact'
import type { Trend, TrendPair, TrendRow } from '../../../questions/trend.ts'
import { countText } from '../../page/numbers.ts'
import { visible } from '../../page/visible.ts'
import { Scroll } from '../parts.tsx'

const PAIRS_MAX = 50
const WIDTH = 1112
const HEIGHT = 180
const LEFT = 52
const BOTTOM = 24
const TOP = 8
const TICKS_MAX = 12

export function TrendSection({ trend }: { readonly trend: Trend }): VNode {
  const { rows, against, fresh, regressed, gone, zone, bucket } = trend
  const day = against.slice(0, 10)
  return (
    <section id="trend">
      <h2>
        Trend{' '}
        <small>
          of all stored facts, by {bucket}, times of {zone}
        </small>
      </h2>
      <figure>
        <Lines rows={rows} />
        <figcaption>
          <Swatch kind="bad" />
          hosts that use NTLM, percent
          <Swatch kind="ok" />
          Kerberos logons that were accepted, percent
        </figcaption>
      </figure>
      <Scroll label="Trend">
        <table>
          <thead>
            <tr>
              <th scope="col">From ({zone})</th>
              <th scope="col" class="r">
                Hosts
              </th>
              <th scope="col" class="r">
                with NTLM
              </th>
              <th scope="col" class="r">
                NTLM %
              </th>
              <th scope="col" class="r">
                Fell by
              </th>
              <th scope="col" class="r">
                Fallbacks
              </th>
              <th scope="col" class="r">
                Kerberos accepted %
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.from}>
                <th scope="row">{row.from}</th>
                <td class="r">{countText(row.clients)}</td>
                <td class="r">{countText(row.ntlmClients)}</td>
                <td class="r">{row.ntlmPercent.toFixed(1)}</td>
                <td class="r">{row.drop === null ? '' : row.drop.toFixed(1)}</td>
                <td class="r">{countText(row.fallbacks)}</td>
                <td class="r">{row.kerberosSuccess === null ? '' : row.kerberosSuccess.toFixed(1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
      <h3>Regressed since {day}: Kerberos before, NTLM now</h3>
      <Pairs pairs={regressed} />
      <h3>New NTLM pairs since {day}</h3>
      <Pairs pairs={fresh} />
      <h3>No NTLM since {day} any more</h3>
      <Pairs pairs={gone} />
    </section>
  )
}

/** Percent from the bottom up; what is not known is a gap. */
function Lines({ rows }: { readonly rows: readonly TrendRow[] }): VNode {
  const x = scalePoint()
    .domain(rows.map(({ from }) => from))
    .range([LEFT + 20, WIDTH - 20])
  const y = scaleLinear()
    .domain([0, 100])
    .range([HEIGHT - BOTTOM, TOP])
  const drawn = (of: (row: TrendRow) => number | null) =>
    line<TrendRow>()
      .defined((row) => of(row) !== null)
      .x((row) => round(x(row.from) ?? LEFT))
      .y((row) => round(y(of(row) ?? 0)))([...rows]) ?? ''
  const each = Math.ceil(rows.length / TICKS_MAX)
  const kinds = [
    ['bad', (row: TrendRow) => row.ntlmPercent],
    ['ok', (row: TrendRow) => row.kerberosSuccess],
  ] as const
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Two lines; the numbers stand below.">
      {y.ticks(4).map((value) => (
        <g key={`y${value}`}>
          <line x1={LEFT} x2={WIDTH} y1={round(y(value))} y2={round(y(value))} class="grid" />
          <text x={LEFT - 6} y={round(y(value) + 4)} text-anchor="end">
            {value}
          </text>
        </g>
      ))}
      {rows.map(({ from }, at) =>
        at % each === 0 ? (
          <text key={`x${from}`} x={round(x(from) ?? LEFT)} y={HEIGHT - 6} text-anchor="middle">
            {from}
          </text>
        ) : null,
      )}
      {kinds.map(([kind, of]) => (
        <g key={kind}>
          <path class={`drawn ${kind}`} d={drawn(of)} />
          {rows.map((row) => {
            const value = of(row)
            return value === null ? null : (
              <circle key={row.from} class={`fill ${kind}`} cx={round(x(row.from) ?? LEFT)} cy={round(y(value))} r="3">
                <title>{`${row.from}: ${value.toFixed(1)}`}</title>
              </circle>
            )
          })}
        </g>
      ))}
    </svg>
  )
}

function Swatch({ kind }: { readonly kind: 'bad' | 'ok' }): VNode {
  return (
    <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
      <rect class={`fill ${kind}`} width="10" height="10" />
    </svg>
  )
}

function Pairs({ pairs }: { readonly pairs: readonly TrendPair[] }): VNode {
  if (pairs.length === 0) return <p class="dim">None.</p>
  return (
    <>
      <ul>
        {pairs.slice(0, PAIRS_MAX).map(({ client, server, service, at }) => (
          <li key={`${client} ${server} ${service}`}>
            <bdi>{visible(`${client} -> ${server} ${service}, ${at}`)}</bdi>
          </li>
        ))}
      </ul>
      {pairs.length <= PAIRS_MAX ? null : (
        <p class="dim">
          {countText(pairs.length - PAIRS_MAX)} more: <code>ntlmscope trend --from facts/</code>
        </p>
      )}
    </>
  )
}

/** Two digits are a hundredth of a pixel. */
function round(value: number): number {
  return Math.round(value * 100) / 100
}
