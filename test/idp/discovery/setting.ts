import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { stringify } from 'yaml'
import { isRecord, startPlatform, type Platform } from '../../harness/index.ts'
import { listField, textField } from '../../harness/json.ts'
import { partnersCa } from './certificates.ts'
import { callerEntry } from './callers.ts'

const openIdScopes = ['openid', 'offline_access', 'profile', 'email', 'address', 'phone']
const apiScopes = ['inventory:read', 'inventory:write', 'orders:read', 'orders:write', 'users:read']
const registration = { who: 'anyone', quota: '1000/min', scopes: [...openIdScopes, ...apiScopes] }

/** What `idp` says beside registration, by the name of the setting. */
function variants(caFile: string): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const ciba = { enabled: true }
  return {
    'as it comes': {},
    'all that can be switched on': {
      ciba,
      clients: [callerEntry],
      metadataDocuments: { hosts: 'any' },
      trustedProxies: ['127.0.0.1', '::1'],
      mtls: { header: 'Client-Cert', ca: caFile },
      authorizationDetails: {
        stock: { words: 'Reserve stock', fields: { sku: { type: 'text', words: 'Article' } } },
      },
    },
    'profile certification': { profile: 'certification', ciba, clients: [callerEntry] },
  }
}

export interface Registered {
  readonly id: string
  /** Empty for who has none. */
  readonly secret: string
}

export const redirect = 'https://app.example/cb'

/** An identity server in one of the ways in which it can be configured, and what it says of itself. */
export class Setting {
  readonly platform: Platform
  readonly metadata: Readonly<Record<string, unknown>>

  constructor(platform: Platform, metadata: Readonly<Record<string, unknown>>) {
    this.platform = platform
    this.metadata = metadata
  }

  get issuer(): string {
    return this.platform.config.issuer
  }

  /** What is listed under this name; nothing where the member is not there. */
  listed(name: string): readonly unknown[] {
    return name in this.metadata ? listField(this.metadata, name) : []
  }

  post(path: string, body: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}) {
    return fetch(this.issuer + path, { method: 'POST', body: new URLSearchParams(body), headers })
  }

  /** Registers a client. @param metadata over those of a public client with one redirect URI */
  tryRegister(metadata: Readonly<Record<string, unknown>>): Promise<Response> {
    const client = { redirect_uris: [redirect], token_endpoint_auth_method: 'none', ...metadata }
    return fetch(`${this.issuer}/oauth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(client),
    })
  }

  async register(metadata: Readonly<Record<string, unknown>> = {}): Promise<Registered> {
    const answer: unknown = await (await this.tryRegister(metadata)).json()
    const secret = isRecord(answer) && 'client_secret' in answer ? textField(answer, 'client_secret') : ''
    return { id: textField(answer, 'client_id'), secret }
  }
}

/** Runs the same in each setting. @param more of `idp` in all of them */
export async function inEachSetting(
  t: Test,
  work: (t: Test, setting: Setting) => Promise<void>,
  more: Readonly<Record<string, unknown>> = { registration },
): Promise<void> {
  const caFile = join(t.testdir({}), 'partners.pem')
  writeFileSync(caFile, partnersCa.certPem)
  for (const [name, variant] of Object.entries(variants(caFile))) {
    await t.test(name, async (t) => {
      const config = stringify({ idp: { ...variant, ...more } })
      const platform = await startPlatform({ only: ['idp'], t, config })
      const { issuer } = platform.config
      const metadata: unknown = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
      if (!isRecord(metadata)) throw new Error('no metadata')
      await work(t, new Setting(platform, metadata))
    })
  }
}
