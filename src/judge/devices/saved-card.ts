/**
 * A card that was saved by `device --format json`. Held against its schema, but that earlier versions wrote less and
 * later ones may write more.
 */
import { readFileSync, statSync } from 'node:fs'
import { DEVICE_SCHEMA, type DeviceCard } from '../device.ts'

/** A file that is no card; `message` is one clear line. */
export class CardError extends Error {}

const CARD_BYTES_MAX = 64 * 1024 * 1024

/** Throws CardError. */
export function readCard(path: string): DeviceCard {
  let card: Partial<DeviceCard> | null
  try {
    if (statSync(path).size > CARD_BYTES_MAX) throw new CardError(`${path}: is too large for the card of a device`)
    card = JSON.parse(readFileSync(path, 'utf8')) as Partial<DeviceCard> | null
  } catch (error) {
    if (error instanceof CardError) throw error
    const { code } = error as NodeJS.ErrnoException
    throw new CardError(`${path}: ${code === undefined ? 'is no JSON' : `cannot be read (${code})`}`)
  }
  if (card?.schema !== DEVICE_SCHEMA)
    throw new CardError(`${path}: is not the card of a device; save one with device HOST CAPTURE --format json`)
  const isText = (value: unknown) => typeof value === 'string'
  const isWhole =
    isText(card.device) &&
    areAll(card.captures, isText) &&
    areAll(card.scorecard, (score) => isText(score.name) && isText(score.grade)) &&
    [card.client, card.server].every((traits) =>
      areAll(traits, (trait) => isText(trait.name) && areAll(trait.values, (value) => isText(value.text))),
    ) &&
    (card.profile == null || areAll(card.profile.requirements, (one) => isText(one.id) && isText(one.result)))
  if (!isWhole) throw new CardError(`${path}: a card of another form; save it again with device --format json`)
  return {
    ...(card as DeviceCard),
    scorecard: card.scorecard!.map((score) => ({ ...score, proven: score.proven ?? null })),
    makers: card.makers ?? [],
    settings: card.settings ?? [],
    profile: card.profile ?? null,
    label: card.label ?? null,
  }
}

function areAll<T>(list: readonly T[] | undefined, is: (one: T) => boolean): boolean {
  return (
    Array.isArray(list) && list.every((one) => typeof one === 'object' || typeof one === 'string') && list.every(is)
  )
}
