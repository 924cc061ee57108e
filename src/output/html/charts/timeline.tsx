/**
 * Authentications over time as stacked bars, NTLM at the bottom so that its fall is a line that an eye can follow. d3
 * computes, the SVG stands in the page. At most 48 bars, whatever the buckets of the report are.
 */
import { scaleLinear, scaleUtc } from 'd3-scale'
import { stack } from 'd3-shape'
import { utcFormat } from 'd3-time-format'
import type { VNode } from 'preact'
import type { Figures } from '../../../report/figures.ts'
import { say, translated } from '../../../texts/say.ts'
import { countText } from '../../page/numbers.ts'
import { offsetOf, zoneText } from '../extras.ts'

const BARS_MAX = 48
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** milliseconds that a bar may stand for */
const STEPS = [MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 7 * DAY, 30 * DAY, 365 * DAY]

export interface Bar {
  /** milliseconds since 1970, by the clock of the page */
  readonly at: number
  fallback: number
  ntlm: number
  other: number
  kerberos: number
}

const LAYERS = [
  ['fallback', 'NTLM as a fallback', 'bad'],
  ['ntlm', 'other NTLM', 'warn'],
  ['other', 'neither', 'note'],
  ['kerberos', 'Kerberos', 'ok'],
] as const
type Layer = (typeof LAYERS)[number][0]

/**
 * Buckets added up until they are few enough; null: too few to be a course of time. `offset`: milliseconds that the
 * clock of the page is before UTC.
 */
export function barsOf(
  { buckets, bucketSeconds }: Figures,
  offset = 0,
): { readonly step: number; readonly bars: Bar[] } | null {
  const timed = buckets.filter(({ start }) => start !== null)
  const [first] = timed
  const last = timed.at(-1)
  if (first === undefined || last === undefined || timed.length < 2) return null
  const from = first.start! / 1000
  const to = last.start! / 1000 + bucketSeconds * 1000
  const fits = (size: number) => size >= bucketSeconds * 1000 && (to - from) / size <= BARS_MAX - 1
  const step = STEPS.find(fits) ?? Math.max(bucketSeconds * 1000, Math.ceil((to - from) / (BARS_MAX - 1)))
  const bars = new Map<number, Bar>()
  for (const { start, fallback, services } of timed) {
    const at = Math.floor((start! / 1000 + offset) / step) * step
    const bar = bars.get(at) ?? { at, fallback: 0, ntlm: 0, other: 0, kerberos: 0 }
    bars.set(at, bar)
    bar.fallback += fallback
    bar.ntlm -= fallback
    for (const counts of Object.values(services)) {
      bar.ntlm += counts.ntlm
      bar.other += counts.other
      bar.kerberos += counts.kerberos
    }
  }
  return { step, bars: [...bars.values()].sort((a, b) => a.at - b.at) }
}

const WIDTH = 1112
const HEIGHT = 180
const LEFT = 52
const BOTTOM = 24
const TOP = 8

export function Timeline({ figures, zone }: { readonly figures: Figures; readonly zone: string | null }): VNode | null {
  // one offset for all: that of the beginning, which is written beside the times
  const from = (figures.buckets.find(({ start }) => start !== null)?.start ?? 0) / 1000
  const clock = zoneText(from, zone ?? undefined)
  const data = barsOf(figures, offsetOf(from, zone ?? undefined))
  if (data === null) return null
  const { step, bars } = data
  const first = bars[0]!.at
  const last = bars.at(-1)!.at
  const sums = bars.map(({ fallback, ntlm, other, kerberos }) => fallback + ntlm + other + kerberos)
  const x = scaleUtc()
    .domain([first, last + step])
    .range([LEFT, WIDTH])
  const y = scaleLinear()
    .domain([0, Math.max(1, ...sums)])
    .nice(4)
    .range([HEIGHT - BOTTOM, TOP])
  const wide = round(Math.max(1, x(first + step) - x(first) - 1))
  const left = ({ at }: Bar) => round(x(at) + 0.5)
  const layers = stack<Bar, Layer>().keys(LAYERS.map(([name]) => name))(bars)
  const tick = utcFormat(step >= DAY ? '%d %b' : last - first > DAY ? '%d %b %H:%M' : '%H:%M')
  return (
    <section id="time">
      <h2>
        Over time{' '}
        <small>
          {barsText(step)}, {clock}
        </small>
      </h2>
      <figure>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Stacked bars; the numbers stand below.">
          {y
            .ticks(4)
            .filter(Number.isInteger)
            .map((value) => (
              <g key={`y${value}`}>
                <line x1={LEFT} x2={WIDTH} y1={round(y(value))} y2={round(y(value))} class="grid" />
                <text x={LEFT - 6} y={round(y(value) + 4)} text-anchor="end">
                  {countText(value)}
                </text>
              </g>
            ))}
          {x.ticks(8).map((value) => (
            <text key={`x${+value}`} x={round(x(value))} y={HEIGHT - 6} text-anchor="middle">
              {tick(value)}
            </text>
          ))}
          {layers.map((layer, at) => (
            <g key={LAYERS[at]![0]} class={`fill ${LAYERS[at]![2]}`}>
              <path
                d={layer
                  .map(([from, to], position) => {
                    const height = round(Math.max(0.75, y(from) - y(to)))
                    return to > from ? `M${left(bars[position]!)} ${round(y(to))}h${wide}v${height}h${-wide}z` : ''
                  })
                  .join('')}
              />
            </g>
          ))}
          {bars.map((bar) => (
            <rect key={bar.at} x={left(bar)} y={TOP} width={wide} height={HEIGHT - BOTTOM - TOP} class="over">
              <title>
                {`${minuteText(bar.at)}: ${LAYERS.map(([name, words]) => `${translated(words)} ${countText(bar[name])}`).join(', ')}`}
              </title>
            </rect>
          ))}
        </svg>
        <figcaption>
          {LAYERS.map(([name, words, kind]) => (
            <span key={name}>
              <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                <rect class={`fill ${kind}`} width="10" height="10" />
              </svg>
              {words}
            </span>
          ))}
        </figcaption>
      </figure>
      <details class="numbers">
        <summary>The numbers</summary>
        <table>
          <thead>
            <tr>
              <th scope="col">From ({clock})</th>
              {LAYERS.map(([name, words]) => (
                <th key={name} scope="col" class="r">
                  {words}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {bars.map((bar) => (
              <tr key={bar.at}>
                <th scope="row">{minuteText(bar.at)}</th>
                {LAYERS.map(([name]) => (
                  <td key={name} class="r">
                    {countText(bar[name])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  )
}

function barsText(step: number): string {
  if (step === DAY) return say`authentications, a bar for each day`
  if (step === HOUR) return say`authentications, a bar for each hour`
  if (step === MINUTE) return say`authentications, a bar for each minute`
  if (step % DAY === 0) return say`authentications, a bar for each ${step / DAY} days`
  if (step % HOUR === 0) return say`authentications, a bar for each ${step / HOUR} hours`
  return say`authentications, a bar for each ${Math.round(step / MINUTE)} minutes`
}

function minuteText(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ')
}

/** Two digits are a hundredth of a pixel. */
function round(value: number): number {
  return Math.round(value * 100) / 100
}
