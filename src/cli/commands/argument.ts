/**
 * The words of options: what is wrong with one becomes the usage error of that option.
 */
import { InvalidArgumentError } from 'commander'
import { FilterError } from '../../facts/filter.ts'
import { visible } from '../../output/page/visible.ts'

/** `parse`, whose FilterError becomes commander's InvalidArgumentError. */
export function asArgument<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text)
    } catch (error) {
      throw error instanceof FilterError ? new InvalidArgumentError(visible(error.message)) : error
    }
  }
}

/** How `verify` and `device` can write what they have judged. */
export const PROOF_FORMATS = ['text', 'json', 'junit', 'markdown'] as const
export type ProofFormat = (typeof PROOF_FORMATS)[number]

export const THREADS_HELP =
  '1: one thread; 2 or more: a second one reads. The result is the same (default: 2 for large inputs)'

export function threadCount(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('A number of threads is a whole number from 1 on.')
  return Number(text)
}
