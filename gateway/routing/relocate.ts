/** A URL in a service's answer as the caller may see it; undefined: not at all. */
export type Relocate = (url: string) => string | undefined

/** Stand for wherever the caller is, by either scheme; no URL that a service writes has them. */
const here = 'https://here.invalid'
const hereInPlain = 'http://here.invalid'

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
    if (staysHere(text) || publicOrigins.has(url.origin)) return text
    if (!serviceOrigins.has(url.origin)) return undefined
    const path = url.pathname + url.search + url.hash
    // A path that begins with two slashes would name a host.
    return URL.parse(path, here)?.origin === here ? path : undefined
  }
}

/** `https:evil.example` is a path to a page that came by https, and a host to one that came by http. */
function staysHere(text: string): boolean {
  return URL.parse(text, here)?.origin === here && URL.parse(text, hereInPlain)?.origin === hereInPlain
}
