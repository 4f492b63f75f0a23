import type { TLSSocket } from 'node:tls'

// What SPIFFE-ID section 2 allows in a trust domain and in a path segment; here a workload is one segment.
const trustDomainForm = /^[a-z0-9._-]{1,255}$/
const nameForm = /^[a-zA-Z0-9._-]{1,100}$/

/**
 * The identity of a workload, `spiffe://<trust domain>/<name>` (SPIFFE-ID section 2).
 * @throws TypeError when trust domain or name cannot be part of one.
 */
export function spiffeId(trustDomain: string, name: string): string {
  if (!trustDomainForm.test(trustDomain)) throw new TypeError(`"${trustDomain}" is not a trust domain`)
  if (!nameForm.test(name) || name === '.' || name === '..')
    throw new TypeError(`"${name}" is not a workload name`)
  return `spiffe://${trustDomain}/${name}`
}

/** The name in a SPIFFE ID of this trust domain; undefined for any other text. */
export function workloadName(trustDomain: string, id: string): string | undefined {
  const prefix = `spiffe://${trustDomain}/`
  const name = id.startsWith(prefix) ? id.slice(prefix.length) : ''
  return nameForm.test(name) && name !== '.' && name !== '..' ? name : undefined
}

/**
 * Who is at the other end: the SPIFFE ID of the peer's certificate, when the chain was verified and the
 * certificate names exactly one URI (X509-SVID section 2). Undefined in every other case.
 */
export function peerSpiffeId(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined
  const names = socket.getPeerX509Certificate()?.subjectAltName
  return names === undefined ? undefined : spiffeIdIn(names)
}

/**
 * The one URI of a subjectAltName as Node writes it (`URI:spiffe://…, DNS:localhost, IP Address:127.0.0.1`).
 * Node quotes names that hold commas, quotes or control characters, with which a DNS name could pose as a URI
 * (CVE-2021-44532); none of ours does, so a quote refuses the whole.
 */
export function spiffeIdIn(subjectAltName: string): string | undefined {
  if (subjectAltName.includes('"')) return undefined
  const uris = subjectAltName.split(', ').filter((name) => name.startsWith('URI:'))
  const [uri] = uris
  if (uri === undefined || uris.length > 1) return undefined
  const [, trustDomain = '', name = ''] = /^URI:spiffe:\/\/([^/]*)\/(.*)$/s.exec(uri) ?? []
  const id = `spiffe://${trustDomain}/${name}`
  return trustDomainForm.test(trustDomain) && workloadName(trustDomain, id) !== undefined ? id : undefined
}

/** The trust domain of a certificate's SPIFFE ID; undefined when it has none. */
export function trustDomainOf(subjectAltName: string): string | undefined {
  return /^spiffe:\/\/([^/]+)\//.exec(spiffeIdIn(subjectAltName) ?? '')?.[1]
}
