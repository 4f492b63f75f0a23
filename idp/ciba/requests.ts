import type { Clock } from '@gatehouse/kit/clock'
import type { Transaction } from 'kysely'
import type { AdapterPayload } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { text } from '../provider/show.ts'
import type { Artifacts } from '../storage/artifacts.ts'
import { idHash } from '../storage/hash.ts'
import type { IdpTables } from '../storage/tables.ts'

const model = 'BackchannelAuthenticationRequest'
/** More than these wait for nobody: who is asked over and over says yes in the end. */
const maxPending = 5

/** A request that waits for its person. */
export interface PendingRequest {
  /** The hash of `auth_req_id`: pages and logs never see the id itself. */
  readonly name: string
  readonly authReqId: string
  readonly clientId: string
  readonly scope: string
  readonly resources: readonly string[]
  readonly bindingMessage: string | undefined
  readonly authorizationDetails: string | undefined
  /** Seconds: how long ago the person may have signed in. */
  readonly maxAge: number | undefined
  /** Seconds since the epoch. */
  readonly expiresAt: number
}

/** What is asked of people over the back channel. */
export class CibaRequests {
  readonly #artifacts: Artifacts
  readonly #clock: Clock

  constructor(artifacts: Artifacts, clock: Clock) {
    this.#artifacts = artifacts
    this.#clock = clock
  }

  /** What waits for this person, and is neither answered nor over. */
  async pendingOf(accountId: string): Promise<readonly PendingRequest[]> {
    return this.#pendingAmong(await this.#artifacts.ofAccount(model, accountId))
  }

  /** Whether it waits for its person still. Nobody else answers it until the transaction ends. */
  async hold({ name }: PendingRequest, accountId: string, trx: Transaction<IdpTables>): Promise<boolean> {
    const all = await this.#artifacts.holdOfAccount(model, accountId, trx)
    return this.#pendingAmong(all).some((one) => one.name === name)
  }

  /** Keeps a new request. @throws AccessDenied when too many wait for the person */
  save(id: string, request: AdapterPayload, ttl: number | undefined): Promise<void> {
    return this.#artifacts.saveBeside(model, id, request, ttl, (others) => {
      if (this.#pendingAmong(others).length < maxPending) return
      const denied = new errors.AccessDenied('too many requests wait for this person already')
      // CIBA Core section 13; the library has 400 for it everywhere.
      throw Object.assign(denied, { status: 403, statusCode: 403 })
    })
  }

  #pendingAmong(all: readonly AdapterPayload[]): readonly PendingRequest[] {
    const now = this.#clock.now() / 1000
    return all
      .filter((one) => !isAnswered(one))
      .flatMap(pending)
      .filter(({ expiresAt }) => expiresAt > now)
  }
}

function isAnswered(request: AdapterPayload): boolean {
  const { error, grantId, consumed }: { error?: unknown; grantId?: unknown; consumed?: unknown } = request
  return error !== undefined || grantId !== undefined || consumed !== undefined
}

function pending(payload: AdapterPayload): PendingRequest[] {
  const { jti, clientId, exp } = payload
  if (jti === undefined || clientId === undefined || exp === undefined) return []
  const asked = new Map(Object.entries(Object(payload.params ?? {})))
  const maxAge = Number(asked.get('max_age') ?? Number.NaN)
  const resource: unknown = payload['resource'] ?? []
  return [
    {
      name: idHash(jti),
      authReqId: jti,
      clientId,
      scope: text(payload['scope']) ?? '',
      resources: [resource].flat().filter((one) => typeof one === 'string'),
      bindingMessage: text(asked.get('binding_message')),
      authorizationDetails: text(asked.get('authorization_details')),
      maxAge: Number.isFinite(maxAge) ? maxAge : undefined,
      expiresAt: exp,
    },
  ]
}
