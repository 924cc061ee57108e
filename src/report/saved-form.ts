/**
 * The form of a saved report: schema/report.schema.json, but that other versions wrote it. What this one does not know
 * may stand in it, and of what it wants only that has to be there which the first version wrote (first-members.json,
 * never to be changed).
 */
import { isIPv4, isIPv6 } from 'node:net'
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import schema from '../../schema/report.schema.json' with { type: 'json' }
import first from './first-members.json' with { type: 'json' }

type Json = Readonly<Record<string, unknown>>

const FIRST: Readonly<Record<string, readonly string[]>> = first
/** a mistake is told by the place of the first; the others come of it */
const VALUE_CHARACTERS_MAX = 40

let validate: ValidateFunction | null = null

/** What is wrong with a report, in words that follow "a report"; null: nothing. Times are still text. */
export function mistakeIn(report: unknown): string | null {
  validate ??= validator()
  if (validate(report)) return null
  const mistakes = validate.errors ?? []
  // of several forms that a value may have the nearest one is not known
  const mistake = mistakes.find(({ keyword }) => keyword !== 'anyOf' && keyword !== 'oneOf') ?? mistakes[0]
  return mistake === undefined ? 'of another form' : wordsOf(mistake, report)
}

function validator(): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, logger: false, formats: { ipv4: isIPv4, ipv6: isIPv6 } })
  return ajv.compile(loose(schema as Json, ''))
}

function loose(part: Json, path: string): Json {
  const { additionalProperties, unevaluatedProperties, ...rest } = part
  const known = FIRST[path]
  const parts = (value: unknown, prefix: string) =>
    Object.fromEntries(
      Object.entries((value ?? {}) as Json).map(([name, inner]) => [name, loose(inner as Json, prefix + name)]),
    )
  const each = (value: unknown) => (value as readonly Json[]).map((inner) => loose(inner, path))
  return {
    ...rest,
    // a map has members of one form
    ...(typeof additionalProperties === 'object' && additionalProperties !== null && { additionalProperties }),
    ...(rest.required !== undefined && {
      required: (rest.required as readonly string[]).filter((name) => known?.includes(name)),
    }),
    ...(rest.properties !== undefined && { properties: parts(rest.properties, `${path}/`) }),
    ...(rest.$defs !== undefined && { $defs: parts(rest.$defs, '#') }),
    ...(rest.items !== undefined && { items: loose(rest.items as Json, `${path}[]`) }),
    ...(rest.anyOf !== undefined && { anyOf: each(rest.anyOf) }),
    ...(rest.oneOf !== undefined && { oneOf: each(rest.oneOf) }),
    ...(rest.allOf !== undefined && { allOf: each(rest.allOf) }),
  }
}

/** `/pairs/0/client/ip must be string, it is 7` */
function wordsOf({ instancePath, message }: ErrorObject, report: unknown): string {
  let value: unknown = report
  for (const name of instancePath.split('/').slice(1)) value = (value as Json | null)?.[name]
  const text =
    typeof value === 'object' && value !== null
      ? ''
      : `, it is ${JSON.stringify(value)?.slice(0, VALUE_CHARACTERS_MAX)}`
  return `whose ${instancePath === '' ? 'top' : instancePath} ${message ?? 'has another form'}${text}`
}
