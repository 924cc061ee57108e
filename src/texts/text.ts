/**
 * The texts of a language, by the English ones of the code.
 */

/** From a text of the code to that of a language: the same `{0}`, `{1}`..., in any order. */
export type Catalogue = Readonly<Record<string, string>>
