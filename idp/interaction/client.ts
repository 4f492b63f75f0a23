import { httpsUrl } from '../clients/links.ts'
import type { IdpDeps } from '../deps.ts'
import { documentUrl } from '../documents/client-url.ts'
import type { ClientView } from '../pages/views.ts'
import type { CurrentInteraction } from './current.ts'

/** What people are shown of a client, and where its logo is fetched. */
export interface ShownClient extends ClientView {
  readonly logoUrl: URL | undefined
}

const words = [
  ['clientUri', 'Website'],
  ['policyUri', 'Privacy policy'],
  ['tosUri', 'Terms of use'],
] as const

/**
 * A client as people are to see it. Of one that nobody here knows, only what leads to its own origin is shown (RFC 7591
 * section 5): a logo or a policy of somebody else's would make it look like them. Its own is where its document rests, or else
 * where the code of this very request would be sent.
 * So is its name, unless it has come to be that of a client that an operator made since.
 */
export async function shownClient(
  { knownNames }: IdpDeps,
  { client, redirectUri }: CurrentInteraction,
): Promise<ShownClient> {
  const isUnknown = client['unknown_party'] === true
  const document = isUnknown ? documentUrl(client.clientId) : undefined
  const home = document ?? httpsUrl(redirectUri)
  const shown = (address: string | undefined): URL | undefined => {
    const url = httpsUrl(address)
    return isUnknown && url?.origin !== home?.origin ? undefined : url
  }
  const host = document?.host ?? hostOf(redirectUri)
  const name = client.clientName ?? client.clientId
  const isBorrowed = isUnknown && (await knownNames.faultOf(name)) !== undefined
  return {
    name: isBorrowed ? (host ?? client.clientId) : name,
    isUnknown,
    describedAt: document?.host,
    host,
    logoUrl: shown(client.logoUri),
    links: words.flatMap(([member, text]) => {
      const url = shown(client[member])
      return url === undefined ? [] : [{ href: url.href, words: text }]
    }),
  }
}

/** The path under which the page finds the logo; undefined when there is none to look for. */
export function logoPath({ logoUrl }: ShownClient, path: string): string | undefined {
  return logoUrl === undefined ? undefined : `${path}/logo`
}

/** The host of a redirect URI, or its scheme where that is all that it has. */
export function hostOf(redirectUri: string | undefined): string | undefined {
  if (redirectUri === undefined) return undefined
  const { host, protocol } = new URL(redirectUri)
  return host === '' ? protocol.slice(0, -1) : host
}
