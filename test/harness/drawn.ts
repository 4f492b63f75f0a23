/**
 * A text without the ids of transactions in it, for those who look for words that must not be there: an id is 22
 * characters that are drawn, and spells any three letters once in some thousands.
 */
export function withoutTxn(text: string): string {
  return text.replaceAll(/txn_[\w-]{22}/g, 'txn_')
}

/** The same without anything that is as long as a key, an id of a session or a signature: tokens, cookies, paths of pages. */
export function withoutDrawn(text: string): string {
  return withoutTxn(text).replaceAll(/[\w-]{21,}/g, '')
}
