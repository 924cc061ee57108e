/**
 * A named question becomes SQL, with what it needs, and is asked.
 */
import { StoreError } from '../store/store.ts'
import { type Answer, type Answerer, type Answering, isZone, whole } from './answerer.ts'
import { NO_LIMITS, questionNamed, type Scoped } from './catalogue.ts'

/** Rejects with a StoreError. `hasPolicy`: the answer will be judged by one. */
export async function ask(engine: Answerer, name: string, scope: Scoped, hasPolicy = false): Promise<Answer> {
  return whole(await asking(engine, name, scope, hasPolicy))
}

/** The same, row by row. */
export async function asking(engine: Answerer, name: string, scope: Scoped, hasPolicy = false): Promise<Answering> {
  checkZone(scope)
  const question = questionNamed(name)
  for (const need of question.needs) {
    const missing = need === 'policy' ? !hasPolicy : scope.limits[need].length === 0
    if (missing) throw new StoreError(`${name} needs --${need}`)
  }
  const pivot = question.pivots ? (scope.limits.since ?? (await weekBefore(engine))) : 0
  const limits = question.pivots ? { ...scope.limits, since: null } : scope.limits
  const sensors = question.tellsSensors ? await sensorsOf(engine, scope) : null
  const sql = question.sql({ literal: (text) => engine.literal(text), pivot, sensors })
  return engine.answering(sql, { ...scope, limits })
}

/** Any SQL of somebody who knows the tables. */
export async function askSql(engine: Answerer, sql: string, scope: Scoped): Promise<Answer> {
  return whole(await askingSql(engine, sql, scope))
}

export async function askingSql(engine: Answerer, sql: string, scope: Scoped): Promise<Answering> {
  checkZone(scope)
  const text = sql.trim().replace(/;\s*$/, '')
  if (text === '') throw new StoreError('--sql: there is no question in it')
  return engine.answering(text, scope)
}

/** The newest fact, microseconds since 1970; null: there is none. */
export async function newest(engine: Answerer): Promise<number | null> {
  const { rows } = await engine.ask('select max(ts) as newest, count(*) as facts from exchanges', {
    zone: 'UTC',
    limits: NO_LIMITS,
  })
  const [text, facts] = rows[0] ?? []
  return facts === 0 || typeof text !== 'string' ? null : Date.parse(`${text.slice(0, 23)}Z`) * 1000
}

/** Those that may have seen something; null: more than can be named one by one. */
async function sensorsOf(engine: Answerer, { limits }: Scoped): Promise<readonly string[] | null> {
  const all = await engine.sensors()
  const asked = limits.sensor.length === 0 ? all : all.filter((sensor) => limits.sensor.includes(sensor))
  return asked.length > SENSORS_MAX ? null : asked
}

const SENSORS_MAX = 8

async function weekBefore(engine: Answerer): Promise<number> {
  return ((await newest(engine)) ?? 0) - WEEK_MICROS
}

function checkZone({ zone }: Scoped): void {
  if (!isZone(zone)) throw new StoreError(`--tz: there is no zone '${zone}'; zones are named like Europe/Berlin`)
}

const WEEK_MICROS = 7 * 86_400e6
