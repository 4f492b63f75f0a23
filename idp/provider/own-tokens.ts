import { isDeepStrictEqual } from 'node:util'
import { adminResource } from '@gatehouse/kit/admin/protocol'
import type { Clock } from '@gatehouse/kit/clock'
import type { KeyRing } from '@gatehouse/kit/keys/ring'
import { readAccessClaims, type AccessClaims } from '@gatehouse/kit/tokens/claims'
import { readActor, type ActClaim } from '@gatehouse/kit/tokens/internal'
import { present } from '@gatehouse/kit/tokens/read'
import { parseUnverified, requireEs256, requireType, TokenRejected } from '@gatehouse/kit/tokens/strict-jws'
import type { Accounts } from '../accounts/accounts.ts'
import type { Clients } from '../clients/clients.ts'
import { grantNamed } from '../storage/grant-named.ts'
import { isRevoked } from '../storage/revoked-tokens.ts'
import type { IdpStore } from '../storage/tables.ts'
import { orUnavailable } from '../storage/unavailable.ts'

export interface OwnTokensOptions {
  readonly ring: KeyRing
  readonly clock: Clock
  readonly store: IdpStore
  readonly accounts: Accounts
  readonly clients: Clients
  readonly issuer: string
  readonly resource: string
}

/** What a token of ours says. One that was exchanged says who acts by it (RFC 8693 section 4.1). */
export type OwnClaims = AccessClaims & { readonly act?: ActClaim }

/** A token that is good now. */
export interface Alive {
  readonly claims: OwnClaims
  /** Whose account it speaks for, whatever its client calls the person; undefined for a machine's. */
  readonly accountId: string | undefined
}

/** Access tokens that were issued here and rest nowhere: what they say, and whether it still holds. */
export class OwnTokens {
  readonly #options: OwnTokensOptions

  constructor(options: OwnTokensOptions) {
    this.#options = options
  }

  /** A token that is ours, for the APIs, in time, and not taken back; undefined for every other. */
  alive(token: string): Promise<Alive | undefined> {
    return this.#alive(token, [this.#options.resource])
  }

  /** The same of a token for the APIs or for administration. */
  aliveForAny(token: string): Promise<Alive | undefined> {
    return this.#alive(token, [this.#options.resource, adminResource])
  }

  async #alive(token: string, audiences: readonly string[]): Promise<Alive | undefined> {
    const claims = this.#read(token, audiences)
    return claims === undefined ? undefined : orUnavailable(() => this.#confirmed(claims))
  }

  /**
   * Whether what a token that was issued here says still holds: it was not taken back, and client, grant, account and roles
   * are as they were. @throws StoreError
   */
  async holds(claims: AccessClaims): Promise<boolean> {
    return (await this.#confirmed(claims)) !== undefined
  }

  /** Whose account a token that was issued here speaks for; undefined for a machine's. @throws StoreError */
  async accountOf(claims: AccessClaims): Promise<string | undefined> {
    return (await this.#confirmed(claims))?.accountId
  }

  #read(token: string, audiences: readonly string[]): OwnClaims | undefined {
    const { ring, clock, issuer } = this.#options
    try {
      const unverified = parseUnverified(token)
      requireType(unverified, 'at+jwt')
      const key = ring.keys().find(({ kid }) => kid === unverified.header.kid)
      if (key === undefined) return undefined
      requireEs256(unverified, key.publicKey)
      const { payload } = unverified
      const audience = audiences.find((one) => one === payload['aud'])
      if (audience === undefined) return undefined
      const expect = { issuer, audience, now: clock.now(), toleranceMs: 0 }
      return { ...readAccessClaims(payload, expect), ...present({ act: readActor(payload) }) }
    } catch (error) {
      if (error instanceof TokenRejected) return undefined
      throw error
    }
  }

  async #confirmed(claims: OwnClaims): Promise<Alive | undefined> {
    const { store, clients } = this.#options
    if (await isRevoked(store.db, [claims.jti, ...(claims.exchanged_jtis ?? [])])) return undefined
    for (const client of [claims.client_id, ...(claims.exchanged_from ?? [])])
      if ((await clients.find(client)) === undefined) return undefined
    if (claims.grant_id === undefined) return { claims, accountId: undefined }
    const owner = await this.#ownerOf(claims.grant_id)
    if (owner === undefined) return undefined
    return (await this.#isStill(owner, claims.roles ?? [])) ? { claims, accountId: owner } : undefined
  }

  /** Whether a person may still come in, and has the roles that a token says. */
  isStill(accountId: string, roles: unknown): Promise<boolean> {
    return orUnavailable(() => this.#isStill(accountId, roles))
  }

  async #isStill(accountId: string, roles: unknown): Promise<boolean> {
    const account = await this.#options.accounts.find(accountId)
    if (account === undefined || account.disabled) return false
    // Gateways are told when roles change, and go by the time: an exchange would make a newer token of the old roles.
    return isDeepStrictEqual(roles, account.roles)
  }

  /** Whose grant it is, as long as it is there. An exchanged token hangs on the grant of another client. */
  async #ownerOf(grantName: string): Promise<string | undefined> {
    const row = await grantNamed(this.#options.store.db, grantName).executeTakeFirst()
    return row?.account_id ?? undefined
  }
}
