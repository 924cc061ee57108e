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
      <b>
        <bdi>{name}</bdi>
      </b>{' '}
      <span class="dim">{ip}</span>
    </>
  )
}

export function ProofText({ proof: { text, filter } }: { readonly proof: FrameProof }): VNode {
  return (
    <>
      <bdi>{text}</bdi> {filter === '' ? null : <code data-copy="filter">{filter}</code>}
    </>
  )
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

export function Scroll({ label, children }: { readonly label: string; readonly children: ComponentChildren }): VNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="scroll" aria-label={label} tabIndex={0}>
      {children}
    </section>
  )
}
