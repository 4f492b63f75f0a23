import { signInScope } from '@gatehouse/kit/config/client-metadata'
import { forms } from '@gatehouse/kit/config/forms'
import { Problem, type FieldFault } from '@gatehouse/kit/errors'
import { fieldFault } from '@gatehouse/kit/http/validation-faults'
import { Type, type Static } from '@gatehouse/kit/schema'
import { errors } from 'oidc-provider'
import {
  clientMembers,
  InvalidClientRecord,
  readClientRecord,
  type ClientRecord,
  type MemberFault,
} from '../../clients/metadata.ts'
import { httpsUrl, linkMembers } from '../../clients/links.ts'
import { nameFault } from '../../clients/names.ts'
import { profileFault } from '../../clients/profile.ts'
import { providerMetadata } from '../../clients/clients.ts'
import type { IdpDeps } from '../../deps.ts'
import type { ProviderHost } from '../../provider/host.ts'

/** Metadata as RFC 7591 names it. Which members there are, and what fits together, is checked below. */
export const metadataBody = Type.Record(
  Type.String({ pattern: '^[a-z][A-Za-z0-9_#]{0,99}$' }),
  Type.Unknown(),
  { description: 'client metadata (RFC 7591); null removes a member' },
)

export type MetadataBody = Static<typeof metadataBody>

const codeGrant = 'authorization_code'

/** What a new client is unless it says otherwise: one that logs people in if it can be redirected to, else a machine. */
export function withDefaults(clientId: string, given: MetadataBody): MetadataBody {
  const redirects = Array.isArray(given['redirect_uris']) && given['redirect_uris'].length > 0
  const grants = given['grant_types'] ?? (redirects ? [codeGrant] : ['client_credentials'])
  const isCode = Array.isArray(grants) && grants.includes(codeGrant)
  return {
    client_name: clientId,
    application_type: 'web',
    token_endpoint_auth_method: 'client_secret_basic',
    redirect_uris: [],
    post_logout_redirect_uris: [],
    scope: isCode ? signInScope : '',
    response_types: isCode ? ['code'] : [],
    ...given,
    grant_types: grants,
    client_id: clientId,
  }
}

/**
 * Reads a client as it would be stored.
 * @throws Problem `validation_failed` for a member that is unknown or wrong, or members that do not go together
 */
export function checkedRecord({ host }: IdpDeps, metadata: MetadataBody): ClientRecord {
  const given = Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== null))
  const unknown = Object.keys(given).filter((name) => !clientMembers.has(name))
  if (unknown.length > 0) {
    const faults = unknown.map((name) => ({ path: `/${name}`, message: 'is not known' }))
    throw new Problem('validation_failed', { faults })
  }
  const bad = linkMembers.filter((name) => name in given && httpsUrl(given[name]) === undefined)
  if (bad.length > 0) {
    const faults = bad.map((name) => ({ path: `/${name}`, message: 'must be an https URL' }))
    throw new Problem('validation_failed', { faults })
  }
  const record = readRecord(given)
  const misnamed = nameFault(record.client_name)
  if (misnamed !== undefined)
    throw new Problem('validation_failed', { faults: [{ path: '/client_name', message: misnamed }] })
  if (!forms.scopes.accepts(record.scope)) {
    const message = `must be ${forms.scopes.expected}`
    throw new Problem('validation_failed', { faults: [{ path: '/scope', message }] })
  }
  const fault = profileFault(record)
  if (fault !== undefined) throw new Problem('validation_failed', { detail: fault })
  requireCoherent(host, record)
  return record
}

/** Takes a secret that somebody brings out of a body. @throws Problem `validation_failed` when it can be guessed */
export function givenSecret({ client_secret: secret, ...body }: MetadataBody): {
  readonly secret: string | undefined
  readonly body: MetadataBody
} {
  if (secret === undefined) return { secret, body }
  if (typeof secret === 'string' && /^[\x21-\x7E]{32,200}$/.test(secret)) return { secret, body }
  const message = 'must be 32 to 200 visible characters; leave it out to have one made'
  throw new Problem('validation_failed', { faults: [{ path: '/client_secret', message }] })
}

/** The library knows what goes together. */
function requireCoherent({ provider }: ProviderHost, record: ClientRecord): void {
  const placeholder = needsSecret(record.token_endpoint_auth_method) ? { client_secret: 'x'.repeat(43) } : {}
  try {
    // Not in the library's types: its constructor takes the metadata, and checks them.
    Reflect.construct(provider.Client, [{ ...providerMetadata(record), ...placeholder }])
  } catch (cause) {
    if (!(cause instanceof errors.InvalidClientMetadata)) throw cause
    throw new Problem('validation_failed', { detail: cause.error_description, cause })
  }
}

export function needsSecret(method: string): boolean {
  return method.startsWith('client_secret_')
}

function readRecord(given: MetadataBody): ClientRecord {
  try {
    return readClientRecord(JSON.stringify(given))
  } catch (cause) {
    if (!(cause instanceof InvalidClientRecord)) throw cause
    throw new Problem('validation_failed', { faults: cause.faults.map(describeMember), cause })
  }
}

function describeMember({ name, value, schema }: MemberFault): FieldFault {
  const fault = (keyword: string, params = {}): FieldFault =>
    value === undefined
      ? fieldFault({ instancePath: '', keyword: 'required', params: { missingProperty: name } })
      : fieldFault({ instancePath: `/${name}`, keyword, params })
  if (schema.anyOf !== undefined || schema.const !== undefined) return fault('anyOf')
  const type = Array.isArray(value) ? 'array' : typeof value
  const wanted = schema.type === 'integer' ? 'number' : schema.type
  return type === wanted ? fault('other') : fault('type', { type: schema.type })
}
