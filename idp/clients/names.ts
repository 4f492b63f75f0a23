/** Characters that change how a line is read, or are not seen: controls, bidirectional marks, joiners, fillers, blanks. */
const hidden = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u
/** What makes a coloured picture of a sign is not hidden. */
const variation = /\uFE0F/gu
const visible = /[\p{L}\p{N}]/u
/** More marks on one letter than any language has. */
const piled = /\p{M}{4}/u
/** Alphabets with letters that look like one another's. */
const alphabets = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
  /\p{Script=Coptic}/u,
  /\p{Script=Lisu}/u,
]

/** A name as it is kept: composed, with one blank between words. */
export function tidyName(name: string): string {
  return name.normalize('NFC').trim().replace(/ +/g, ' ')
}

/** Why people should not be shown a name; undefined when they may. */
export function nameFault(name: string): string | undefined {
  if (hidden.test(name.replace(variation, '')))
    return 'client_name has characters that are not seen, or that turn the line around'
  if (!visible.test(name)) return 'client_name has no letter or digit'
  if (piled.test(name.normalize('NFD'))) return 'client_name has too many marks on one letter'
  return undefined
}

/** Whether a word of it has letters of several alphabets, which no language does (UTS 39 section 5.2). */
export function mixesAlphabets(name: string): boolean {
  return name
    .split(/[^\p{L}\p{M}]+/u)
    .some((word) => alphabets.filter((alphabet) => alphabet.test(word)).length > 1)
}
