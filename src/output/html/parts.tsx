/**
 * Small parts of the page that several sections have.
 */
import type { ComponentChildren, VNode } from 'preact'
import { countText } from '../page/numbers.ts'
import type { HostText } from './model.ts'
import type { FrameProof } from './names.ts'
import type { AnswerState } from './states.ts'

export function Mark({
  state,
  children,
}: {
  readonly state: AnswerState
  readonly children: ComponentChildren
}): VNode {
  return <span class={`mark ${state}`}>{children}</span>
}

export function HostName({ host: { ip, name } }: { readonly host: HostText }): VNode {
  return name === '' ? (
    <b>{ip}</b>
  ) : (
    <>
      <bdi class="name">{name}</bdi> <span class="dim">{ip}</span>
    </>
  )
}

/** The script puts a button behind it that copies its frames as a display filter of Wireshark. */
export function ProofText({ proof: { text, filter } }: { readonly proof: FrameProof }): VNode {
  return filter === '' ? <bdi>{text}</bdi> : <bdi data-filter={filter}>{text}</bdi>
}

/** What the page leaves out, and where it is. */
export function Left({ count, what, table }: { count: number; what: string; table: string }): VNode | null {
  if (count <= 0) return null
  return (
    <p class="dim left">
      {countText(count)} more {count === 1 ? what : `${what}s`}: <code>--format csv --table {table}</code>
    </p>
  )
}

export interface HeadCell {
  readonly label: string
  readonly isNumber?: true
  /** what the script sorts by, where one clicks on it */
  readonly sort?: string
}

interface RowTableWords<T> {
  readonly label: string
  readonly columns: readonly (string | HeadCell)[]
  readonly rows: readonly T[]
  /** so many stand there; the others are in the page, and come when the script is asked for them */
  readonly shown?: number
  readonly kind?: string
  readonly row: (row: T, at: number) => VNode
}

export function RowTable<T>({ label, columns, rows, shown = rows.length, kind, row }: RowTableWords<T>): VNode {
  const more = rows.slice(shown)
  return (
    <Scroll label={label}>
      <table class={kind}>
        <thead>
          <tr>
            {columns
              .map((column) => (typeof column === 'string' ? { label: column } : column))
              .map((column: HeadCell) => (
                <th key={column.label} scope="col" class={column.isNumber && 'r'} data-sort={column.sort}>
                  {column.label}
                </th>
              ))}
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shown).map(row)}
          {more.length === 0 ? null : <template>{more.map(row)}</template>}
        </tbody>
      </table>
    </Scroll>
  )
}

export function Scroll({ label, children }: { readonly label: string; readonly children: ComponentChildren }): VNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
