import type { Clock } from '@gatehouse/kit/clock'
import type { Logger } from '@gatehouse/kit/log'
import * as oidc from 'openid-client'
import { idpFailure } from './idp-answer.ts'
import { IdpRefused, IdpUnavailable } from './idp-failure.ts'

const maxAgeMs = 10 * 60_000
const coolDownMs = 1000

export interface ConfigurationOptions {
  readonly issuer: string
  readonly clientId: string
  readonly authentication: oidc.ClientAuth
  readonly clock: Clock
  readonly log: Logger
  readonly timeoutMs: number
  readonly fetch: oidc.CustomFetch
}

/**
 * The IdP's metadata (OpenID Connect Discovery), fetched when first needed because the IdP may come up later than the
 * gateway: one fetch at a time, a pause after a failure, and once known never forgotten.
 */
export class ConfigurationSource {
  readonly #options: ConfigurationOptions
  #known: { readonly configuration: oidc.Configuration; readonly at: number } | undefined
  #fetching: Promise<oidc.Configuration> | undefined
  #failedAt = 0

  constructor(options: ConfigurationOptions) {
    this.#options = options
  }

  /** @throws IdpUnavailable, IdpRefused */
  async get(): Promise<oidc.Configuration> {
    const now = this.#options.clock.now()
    if (this.#known === undefined) return this.#fetch(now)
    if (now - this.#known.at >= maxAgeMs) {
      this.#fetch(now).catch((error: unknown) => {
        if (!(error instanceof IdpUnavailable)) this.#options.log.warn({ err: error }, 'metadata not renewed')
      })
    }
    return this.#known.configuration
  }

  /** Fetches the metadata anew, and with it the keys when they are next needed. Never rejects: what is known stays. */
  async renew(): Promise<void> {
    await this.#fetch(this.#options.clock.now()).catch(() => undefined)
  }

  #fetch(now: number): Promise<oidc.Configuration> {
    if (this.#fetching !== undefined) return this.#fetching
    // A clock that was set back must not make the pause long.
    if (Math.abs(now - this.#failedAt) < coolDownMs) return Promise.reject(new IdpUnavailable('cooling down'))
    this.#fetching = this.#discover().finally(() => {
      this.#fetching = undefined
    })
    return this.#fetching
  }

  async #discover(): Promise<oidc.Configuration> {
    const { issuer, clock, log } = this.#options
    try {
      const configuration = await discover(this.#options)
      this.#known = { configuration, at: clock.now() }
      return configuration
    } catch (error) {
      this.#failedAt = clock.now()
      const failure = idpFailure(error)
      log.warn({ err: failure, issuer }, 'the metadata of the identity server cannot be had')
      throw failure
    }
  }
}

async function discover(options: ConfigurationOptions): Promise<oidc.Configuration> {
  const { issuer, clientId, authentication, timeoutMs, fetch } = options
  const server = new URL(issuer)
  // ID tokens are checked by signature too: on one machine there is no TLS that would vouch for them.
  const execute = [oidc.enableNonRepudiationChecks]
  if (server.protocol === 'http:') execute.push(oidc.allowInsecureRequests)
  const configuration = await oidc.discovery(server, clientId, {}, authentication, {
    execute,
    timeout: timeoutMs / 1000,
    [oidc.customFetch]: fetch,
  })
  if (configuration.serverMetadata().issuer !== issuer) throw new IdpRefused('issuer_mismatch')
  return configuration
}
