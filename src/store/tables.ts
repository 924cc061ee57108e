/**
 * The stored facts: six tables, each column with its type. Parquet files, ClickHouse's tables and `facts --schema` are
 * all made from this list.
 *
 * Version `ntlmscope-facts-1`: columns may be added, none changes its type or meaning. Verdicts of pairs, figures and
 * forecasts are not stored: they are questions about exchanges, and two stored ones could not be added up.
 */

export const FACTS_SCHEMA = 'ntlmscope-facts-1'

/** `time`: microseconds since 1970; `int`: 32 bits; `long`: 64 bits, here never above 2^53 */
export type Kind = 'text' | 'time' | 'int' | 'long' | 'flag'
export type Value = string | number | boolean | null
export type FactRow = Record<string, Value>

export interface FactColumn {
  readonly name: string
  readonly kind: Kind
  readonly nullable: boolean
  /** few different values: a dictionary pays */
  readonly few: boolean
}

export const FACT_TABLES = ['exchanges', 'kdc', 'findings', 'conversations', 'turned_away', 'captures'] as const
export type FactTable = (typeof FACT_TABLES)[number]

/** `name kind`, with `?` where it may be null and `~` where it has few different values. */
function columns(text: string): readonly FactColumn[] {
  return text
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => {
      const [name, word] = line.split(' ') as [string, string]
      return {
        name,
        kind: word.replace(/[?~]/g, '') as Kind,
        nullable: word.includes('?'),
        few: word.includes('~'),
      }
    })
}

/**
 * Of every table. `key`: the same row at the same sensor. `logon`: the same event at any sensor, null where that cannot
 * be told. `rank`: the better of two versions has the higher one. `twin_of`: another sensor's row counts for this one
 * (`sightings` has both). `load_id`: what brought it.
 */
const COMMON = `
  key text
  logon text?
  rank int
  twin_of text?
  uid text
  uid_of text~
  sensor text~
  load_id text~
  capture text~
  ts time
  ts_end time`

export const COLUMNS: Readonly<Record<FactTable, readonly FactColumn[]>> = {
  exchanges: columns(`${COMMON}
    community_id text
    client_ip text~
    client_port int
    client_net text~
    client_name text?~
    server_ip text~
    server_port int
    server_name text?~
    service text~
    carrier text~
    mechanism text~
    method text?~
    origin text?~
    fallback flag?
    cause text?~
    cause_confidence text?~
    cause_sensor text?~
    name_from text?~
    name_from_where text?~
    name_from_named flag?
    result text~
    status_code long?
    status_name text?~
    visibility text~
    user_name text?~
    user_domain text?~
    workstation text?~
    spn text?~
    spn_class text?~
    target_name text?~
    tunnel text?~
    ntlm_version text?~
    negotiate_flags text?~
    mic flag?
    av_flags int?
    client_version text?~
    server_version text?~
    challenge_seen flag
    realm text?~
    ticket_etype int?
    authenticator_etype int?
    krb_error int?
    smb_dialect text?~
    smb_client_policy text?~
    smb_server_policy text?~
    smb_effective text?~
    smb_setup text?~
    ldap_layer text?~
    tls flag?
    rpc_interface text?~
    rpc_level text?~
    http_application text?~
    channel_binding text~
    first_frame int
    frames text
    detail text`),
  kdc: columns(`${COMMON}
    community_id text
    client_ip text~
    client_port int
    client_net text~
    client_name text?~
    kdc_ip text~
    kdc_port int
    kdc_name text?~
    transport text~
    request text~
    realm text?~
    cname text?~
    sname text?~
    requested text~
    ticket_etype int?
    reply_etype int?
    preauth_etype int?
    session_etype int?
    flags text~
    armored flag
    for_user text?~
    additional_ticket text?~
    error_code int?
    error_name text?~
    answered flag
    result text~
    valid_from time?
    valid_till time?
    first_frame int
    frames text
    detail text`),
  findings: columns(`${COMMON}
    finding text~
    severity text~
    confidence text~
    title text~
    client_ip text?~
    server_ip text?~
    service text?~
    spn text?~
    said text
    techniques text~
    times int
    first_frame int
    frames text
    detail text`),
  conversations: columns(`${COMMON}
    client_ip text~
    client_net text~
    server_ip text~
    server_port int
    service text~
    carrier text~
    connections int
    authenticated int
    midstream int
    one_sided int
    lossy int
    whole int
    first_frame int`),
  turned_away: columns(`${COMMON}
    client_ip text~
    client_net text~
    server_ip text~
    service text~
    ports text~
    class text~
    pattern text~
    status text?~
    kdc_error text?~
    times int
    first_frame int
    frames text
    detail text`),
  captures: columns(`${COMMON}
    format text~
    bytes long
    packets long
    snap_length int?
    link_types text~
    damage text?
    dropped long?
    filters text?
    skew_seconds int?
    coverage text
    blind_spots text
    tally text
    version text~
    away_told int?`),
}

/** Which rows may be one: those of one flow, of one finding, of one pair of ends. */
export const GROUP: Readonly<Record<FactTable, string>> = {
  exchanges: 'community_id',
  kdc: 'community_id',
  findings: 'uid',
  conversations: 'uid',
  turned_away: 'uid',
  captures: 'uid',
}

/** What has to be known of a stored row to tell whether another one is the same. */
export const SETTLING: Readonly<Record<FactTable, readonly string[]>> = {
  exchanges: [
    ...['key', 'logon', 'rank', 'twin_of', 'uid_of', 'sensor', 'load_id', 'ts', 'ts_end', 'community_id', 'service'],
    ...['mechanism', 'method', 'result', 'visibility', 'user_name', 'challenge_seen', 'cause'],
  ],
  kdc: [
    ...['key', 'logon', 'rank', 'twin_of', 'uid_of', 'sensor', 'load_id', 'ts', 'ts_end', 'community_id'],
    ...['request', 'answered', 'requested'],
  ],
  findings: ['key', 'logon', 'rank', 'twin_of', 'uid', 'sensor', 'load_id', 'ts', 'ts_end', 'times'],
  conversations: ['key', 'logon', 'rank', 'twin_of', 'uid', 'sensor', 'load_id', 'ts', 'ts_end', 'connections'],
  turned_away: ['key', 'logon', 'rank', 'twin_of', 'uid', 'sensor', 'load_id', 'ts', 'ts_end', 'times'],
  captures: ['key', 'logon', 'rank', 'twin_of', 'uid', 'sensor', 'load_id', 'ts', 'ts_end'],
}

/** The names of all columns of a table, in their order. */
export const COLUMN_NAMES = perTable((table) => COLUMNS[table].map(({ name }) => name))

/** What tells a stored row from all others: `rank` tells versions of one load apart. */
export const ROW_KEY = ['key', 'load_id', 'rank'] as const

export const rowKey = ({ key, load_id, rank }: FactRow) => `${key} ${load_id} ${rank}`

export function columnNamed(table: FactTable, name: string): FactColumn | undefined {
  return COLUMNS[table].find((column) => column.name === name)
}

export function perTable<T>(make: (table: FactTable) => T): Record<FactTable, T> {
  return Object.fromEntries(FACT_TABLES.map((table) => [table, make(table)])) as Record<FactTable, T>
}
