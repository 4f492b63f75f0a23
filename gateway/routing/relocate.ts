/** A URL in a service's answer as the caller may see it; undefined: not at all. */
export type Relocate = (url: string) => string | undefined

/** Stands for wherever the caller is; no URL that a service writes has it. */
const here = 'https://here.invalid'

/**
 * Keeps services from telling where they are, and from sending callers elsewhere: a URL of the service's own becomes
 * one of the gateway's, relative ones and the gateway's own stay, any other is dropped.
 * @param publicOrigins under which callers know the gateway.
 * @param serviceOrigins under which the gateway knows the service.
 */
export function relocation(
  publicOrigins: ReadonlySet<string>,
  serviceOrigins: ReadonlySet<string>,
): Relocate {
  return (text) => {
    const url = URL.parse(text, here)
    if (url === null) return undefined
    if (url.origin === here || publicOrigins.has(url.origin)) return text
    if (!serviceOrigins.has(url.origin)) return undefined
    const path = url.pathname + url.search + url.hash
    // A path that begins with two slashes would name a host.
    return URL.parse(path, here)?.origin === here ? path : undefined
  }
}
