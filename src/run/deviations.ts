/**
 * Uses of NTLM that stored facts hold, against the allow list of a policy: what is on it and in force is left out.
 */

import type { Allowed } from '../judge/allow-list.ts'
import type { Answering } from '../questions/answerer.ts'
import { type AnswerColumn, type Batch, chosen, Values } from '../questions/columns.ts'
import { AllowedUses, type StoredUse } from './stored-uses.ts'

/**
 * `uses`: the answer to `policy-deviations`. `today`: YYYY-MM-DD. An entry that has expired allows nothing, and is
 * named.
 */
export function deviationsIn(uses: Answering, allow: readonly Allowed[], today: string): Answering {
  const allowed = new AllowedUses(allow, today)
  const deviations = (batch: Batch): Batch => {
    const use = new RowOfUses(uses.columns, batch)
    const rows: number[] = []
    const expired: (number | null)[] = []
    for (use.row = 0; use.row < batch.size; use.row++) {
      const said = allowed.deviation(use)
      if (said === null) continue
      rows.push(use.row)
      expired.push(said.expired)
    }
    const { size, columns } = rows.length === batch.size ? batch : chosen(batch, rows)
    return { size, columns: [...columns, new Values((row) => expired[row]!)] }
  }
  return { columns: [...uses.columns, 'expired_entry'], batches: mapped(uses.batches, deviations) }
}

/** One row after another: of nearly all of them only the ends are asked for. */
class RowOfUses implements StoredUse {
  row = 0
  readonly #column: (name: string) => AnswerColumn
  readonly #ends: readonly AnswerColumn[]

  constructor(names: readonly string[], { columns }: Batch) {
    this.#column = (name) => columns[names.indexOf(name)]!
    this.#ends = ['client_ip', 'client_name', 'server_ip', 'server_name'].map(this.#column)
  }

  get client() {
    return { ip: String(this.#ends[0]!.at(this.row)), name: textOf(this.#ends[1]!, this.row) }
  }

  get server() {
    return { ip: String(this.#ends[2]!.at(this.row)), name: textOf(this.#ends[3]!, this.row) }
  }

  get port() {
    return Number(this.#column('server_port').at(this.row))
  }

  get service() {
    return String(this.#column('service').at(this.row))
  }

  get principal() {
    return { user: this.#text('user_name'), domain: this.#text('user_domain') }
  }

  get version() {
    return this.#text('ntlm_version')
  }

  #text(name: string): string | null {
    return textOf(this.#column(name), this.row)
  }
}

function textOf(column: AnswerColumn, row: number): string | null {
  const value = column.at(row)
  return value === null ? null : String(value)
}

async function* mapped(batches: AsyncIterable<Batch>, map: (batch: Batch) => Batch): AsyncGenerator<Batch> {
  for await (const batch of batches) yield map(batch)
}
