/**
 * The words of options: what is wrong with one becomes the usage error of that option.
 */
import { InvalidArgumentError } from 'commander'
import { FilterError } from '../filter.ts'
import { visible } from '../report/visible.ts'

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
