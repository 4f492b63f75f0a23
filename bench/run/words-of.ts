/** What went wrong, with what was behind it: `fetch failed` alone says nothing. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const message = error.message === '' && 'code' in error ? String(error.code) : error.message
  return error.cause === undefined ? message : `${message}: ${wordsOf(error.cause)}`
}
