import type { ConfigDocument } from '../document.ts'
import type { Path } from '../path.ts'
import { keysAt, listAt, textAt, valueAt } from '../written.ts'
import type { RuleContext } from './rule.ts'

/** Switches of the identity server that contradict each other, and the one that production refuses. */
export function protocolIsCoherent(document: ConfigDocument, context: RuleContext): void {
  const { value } = document
  if (context.production && valueAt(value, 'idp', 'profile') === 'certification') {
    document.fault(
      ['idp', 'profile'],
      'certification switches on what is advised against; production refuses it',
    )
  }
  const who = textAt(value, 'idp', 'registration', 'who')
  if (who === 'token' && textAt(value, 'idp', 'registration', 'initialAccessToken') === undefined) {
    document.fault(['idp', 'registration', 'who'], 'token needs initialAccessToken')
  }
  if (
    valueAt(value, 'idp', 'mtls', 'header') !== undefined &&
    listAt(value, 'idp', 'trustedProxies').length === 0
  ) {
    document.fault(['idp', 'mtls', 'header'], 'is believed from idp.trustedProxies only, and there are none')
  }
  clientsFitSwitches(document)
  const ids = listAt(value, 'idp', 'clients').map((client) => textAt(client, 'client_id'))
  for (const [index, id] of ids.entries()) {
    if (id !== undefined && ids.indexOf(id) !== index)
      document.fault(['idp', 'clients', index, 'client_id'], `'${id}' is there twice`)
  }
}

const cibaGrant = 'urn:openid:params:grant-type:ciba'

/** What a client may use has to be on, or nobody would find out before its first request. */
function clientsFitSwitches(document: ConfigDocument): void {
  const { value } = document
  const known = keysAt(value, 'idp', 'authorizationDetails')
  for (const [index, client] of listAt(value, 'idp', 'clients').entries()) {
    const path = ['idp', 'clients', index]
    for (const [at, type] of listAt(client, 'authorization_details_types').entries()) {
      if (typeof type === 'string' && !known.includes(type))
        document.fault(
          [...path, 'authorization_details_types', at],
          `'${type}' is no type of idp.authorizationDetails`,
        )
    }
    certifiedOnly(document, client, path)
    certificatesAreSeen(document, client, path)
    const at = listAt(client, 'grant_types').indexOf(cibaGrant)
    if (at === -1) continue
    if (valueAt(value, 'idp', 'ciba', 'enabled') !== true)
      document.fault([...path, 'grant_types', at], 'needs idp.ciba.enabled: true')
    if (textAt(client, 'token_endpoint_auth_method') === 'none')
      document.fault([...path, 'grant_types', at], 'is for clients that prove who they are')
  }
}

/** A client with a certificate needs somebody who hands it on; one of an authority somebody who knows that. */
function certificatesAreSeen(document: ConfigDocument, client: unknown, path: Path): void {
  const given = (name: string) => valueAt(document.value, 'idp', 'mtls', name) !== undefined
  const method = textAt(client, 'token_endpoint_auth_method')
  const at = [...path, 'token_endpoint_auth_method']
  if (method?.endsWith('tls_client_auth') === true && !given('header'))
    document.fault(at, 'needs idp.mtls.header')
  if (method === 'tls_client_auth' && !given('ca')) document.fault(at, 'needs idp.mtls.ca')
  const bound = 'tls_client_certificate_bound_access_tokens'
  if (valueAt(client, bound) === true && !given('header'))
    document.fault([...path, bound], 'needs idp.mtls.header')
}

const algorithms = [
  'id_token_signed_response_alg',
  'userinfo_signed_response_alg',
  'authorization_signed_response_alg',
]

/** What a client may have under `profile: certification` only. */
function certifiedOnly(document: ConfigDocument, client: unknown, path: Path): void {
  if (valueAt(document.value, 'idp', 'profile') === 'certification') return
  const need = 'needs idp.profile: certification'
  for (const [at, type] of listAt(client, 'response_types').entries())
    if (type !== 'code') document.fault([...path, 'response_types', at], need)
  const implicit = listAt(client, 'grant_types').indexOf('implicit')
  if (implicit !== -1) document.fault([...path, 'grant_types', implicit], need)
  for (const name of algorithms) {
    const alg = textAt(client, name)
    if (alg !== undefined && alg !== 'ES256') document.fault([...path, name], need)
  }
}
