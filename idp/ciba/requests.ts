import type { Clock } from '@gatehouse/kit/clock'
import type { AdapterPayload } from 'oidc-provider'
import { text } from '../provider/show.ts'
import type { Artifacts } from '../storage/artifacts.ts'
import { idHash } from '../storage/hash.ts'

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
    const all = await this.#artifacts.ofAccount('BackchannelAuthenticationRequest', accountId)
    const now = this.#clock.now() / 1000
    return all
      .filter(
        (one) => one['error'] === undefined && one.grantId === undefined && one['consumed'] === undefined,
      )
      .flatMap(pending)
      .filter(({ expiresAt }) => expiresAt > now)
  }
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
