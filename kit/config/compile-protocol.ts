import { parseDuration, parseRate } from '../units.ts'
import type { WrittenIdp } from './schema.ts'
import type { MetadataDocumentsConfig, ProtocolConfig } from './types-protocol.ts'

/** What a client that nobody here knows may ask for unless the configuration says more. */
const identityScopes = ['openid', 'profile', 'offline_access']

export function compileProtocol(written: WrittenIdp): ProtocolConfig {
  const { registration } = written
  return {
    profile: written.profile,
    dpop: { requireNonce: written.dpop?.requireNonce ?? false },
    mtls: { header: written.mtls?.header?.toLowerCase(), ca: written.mtls?.ca },
    fetch: { allow: written.fetch?.allow ?? [], ca: written.fetch?.ca },
    registration: {
      who: registration?.who ?? 'nobody',
      initialAccessToken: registration?.initialAccessToken,
      scopes: registration?.scopes ?? identityScopes,
      quota: parseRate(registration?.quota ?? '20/h'),
      expiryMs: parseDuration(registration?.expiry ?? '90d'),
    },
    metadataDocuments: compileDocuments(written.metadataDocuments),
    ciba:
      written.ciba?.enabled === true ? { expiryMs: parseDuration(written.ciba.expiry ?? '5m') } : undefined,
    authorizationDetails: written.authorizationDetails ?? {},
    clients: written.clients ?? [],
  }
}

function compileDocuments(written: WrittenIdp['metadataDocuments']): MetadataDocumentsConfig | undefined {
  if (written === undefined) return undefined
  return {
    hosts: written.hosts,
    scopes: written.scopes ?? identityScopes,
    quota: parseRate(written.quota ?? '60/h'),
    expiryMs: parseDuration(written.expiry ?? '90d'),
  }
}
