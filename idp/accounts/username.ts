const maxLength = 64
const shape = /^[\p{L}\p{N}][\p{L}\p{N}._@+-]*$/u

/**
 * The form in which user names are stored and compared: compatibility-composed and lower case, so that
 * look-alikes of one name are one account (after RFC 8265 section 3.3). Undefined for what can be no user name.
 */
export function foldUsername(input: string): string | undefined {
  const folded = input.trim().normalize('NFKC').toLowerCase()
  return folded.length <= maxLength && shape.test(folded) ? folded : undefined
}
