/** What one hop gets of a scope. */
export interface Narrowed {
  readonly granted: readonly string[]
  /** Asked for and not to be had. */
  readonly refused: readonly string[]
}

/**
 * `token ∩ edge ∩ asked`: authority shrinks at every hop and never grows.
 * @param token `scope` of the parent token.
 * @param asked undefined: everything that the edge lets through.
 */
export function narrow(
  token: string,
  edge: ReadonlySet<string>,
  asked: readonly string[] | undefined,
): Narrowed {
  const available = token.split(' ').filter((scope) => edge.has(scope))
  if (asked === undefined) return { granted: available, refused: [] }
  return {
    granted: available.filter((scope) => asked.includes(scope)),
    refused: asked.filter((scope) => !available.includes(scope)),
  }
}

const scopeList = /^[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*$/

/** A list of scopes as RFC 6749 section 3.3 writes it; undefined when it is not one. */
export function parseScopeList(text: string): readonly string[] | undefined {
  return scopeList.test(text) ? text.split(' ') : undefined
}
