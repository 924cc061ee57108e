/**
 * The conversations inside a conversation: RPC in the named pipes of SMB. Joins what several messages carry of one PDU,
 * and names the pipe.
 *
 * The carrier outside gives the pieces and knows no earlier message; RPC's decoder reads whole PDUs and knows no pipe.
 * What they say is kept apart by slot, so that the fold sees so many security contexts of one conversation. Most bulk
 * was not kept: a PDU that goes on where nothing is remembered is passed over. Memory: at most one unfinished PDU of
 * each side, 64 KiB, and a bounded number of names.
 */
import type { AuthStep, CarrierMessage, PipeStep } from '../../decoders/carrier.ts'
import {
  decodeRpc,
  fragLengthAt,
  isNegotiation,
  probeRpc,
  RPC_HEADER_BYTES,
} from '../../decoders/carriers/rpc/dcerpc.ts'
import { type Outcome, read } from '../../decoders/outcome.ts'
import { deleteOldest } from '../memory/bounded-map.ts'
import { LIMITS } from '../memory/limits.ts'
import type { Conversation } from '../stream/conversation.ts'

/** A negotiation of which the rest is to come; its bytes are owned. */
interface Unfinished {
  readonly pipe: string
  readonly bytes: Uint8Array
}

/** All that is remembered, as plain data. */
export interface PipesState {
  /** names by pipe */
  readonly names: Map<string, string>
  /** pipes by the message that asked about them */
  readonly asked: Map<string, string>
  /** the one that the client wrote to last: the best guess for an answer to a request that was not kept */
  latest: string
  readonly unfinished: { client: Unfinished | null; server: Unfinished | null }
}

export class Pipes {
  readonly state: PipesState

  constructor(
    state: PipesState = { names: new Map(), asked: new Map(), latest: '', unfinished: { client: null, server: null } },
  ) {
    this.state = state
  }

  /** What RPC says in one piece of a pipe. */
  read(step: PipeStep): Outcome<readonly CarrierMessage[]>[] {
    const pipe = this.#pipeOf(step)
    if (step.bytes === null) return []
    if (step.from === 'client') this.state.latest = pipe
    const name = this.state.names.get(pipe) ?? ''
    return this.#pdus(step, pipe, step.bytes).map((outcome) =>
      outcome.value === null
        ? outcome
        : read(
            outcome.value.map((message) => inPipe(message, step.session, pipe, name)),
            outcome.fault,
          ),
    )
  }

  #pipeOf({ from, session, file, message, name, bytes }: PipeStep): string {
    const key = `${session} ${message}`
    const asked = this.state.asked.get(key)
    if (from === 'server') {
      this.state.asked.delete(key)
      if (file === null) return asked ?? this.state.latest
      const pipe = `${session} ${file}`
      const opened = bytes === null && asked !== undefined ? this.state.names.get(asked) : undefined
      if (opened !== undefined) remember(this.state.names, pipe, opened)
      return pipe
    }
    const pipe = `${session} ${file ?? ''}`
    if (name !== null) remember(this.state.names, pipe, name)
    remember(this.state.asked, key, pipe)
    return pipe
  }

  /** The PDUs in `bytes`, the first one perhaps the end of one that began earlier. */
  #pdus({ from, cut }: PipeStep, pipe: string, bytes: Uint8Array): Outcome<readonly CarrierMessage[]>[] {
    const found: Outcome<readonly CarrierMessage[]>[] = []
    const before = this.state.unfinished[from]
    let rest = bytes
    if (before !== null && before.pipe === pipe) {
      this.state.unfinished[from] = null
      // another PDU begins: the rest of the one before was lost
      if (probeRpc(bytes, 0) === 'mine') found.push(decodeRpc(before.bytes))
      else rest = joined(before.bytes, bytes)
    }
    while (rest.length >= RPC_HEADER_BYTES && probeRpc(rest, 0) === 'mine') {
      const length = fragLengthAt(rest, 0)
      if (length > rest.length && !cut && isNegotiation(rest[2]!)) {
        this.state.unfinished[from] = { pipe, bytes: rest.slice() }
        break
      }
      found.push(decodeRpc(rest.subarray(0, length)))
      rest = rest.subarray(length)
    }
    return found
  }
}

/** Those of a conversation, made when one is first spoken of. */
export function pipesOf(conversation: Conversation): Pipes {
  conversation.inner ??= new Pipes()
  return conversation.inner as Pipes
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/** The oldest one is forgotten. */
function remember(map: Map<string, string>, key: string, value: string): void {
  map.delete(key)
  map.set(key, value)
  if (map.size <= LIMITS.pipesPerConnectionMax) return
  deleteOldest(map)
}

function inPipe(message: CarrierMessage, session: string, pipe: string, name: string): CarrierMessage {
  const prefix = `pipe ${pipe} `
  return {
    ...message,
    fields: message.fields && { pipe: name === '' ? null : name, ...message.fields },
    steps: message.steps.map((step): AuthStep => {
      switch (step.kind) {
        case 'leg':
          return {
            ...step,
            slot: prefix + step.slot,
            message: step.message && prefix + step.message,
            rpc: { ...step.rpc, pipe: name, session },
          }
        case 'call':
          return {
            ...step,
            slot: prefix + step.slot,
            message: prefix + step.message,
            called: step.called && { ...step.called, association: prefix },
          }
        case 'interfaces':
          return { ...step, association: prefix }
        default:
          return step
      }
    }),
  }
}
