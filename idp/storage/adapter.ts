import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'
import { errors, Provider } from 'oidc-provider'
import type { Clock } from '@gatehouse/kit/clock'
import type { CibaRequests } from '../ciba/requests.ts'
import type { Clients } from '../clients/clients.ts'
import type { MetadataDocuments } from '../documents/documents.ts'
import type { RefreshGrace } from '../provider/refresh-grace.ts'
import type { Registrations } from '../registration/registrations.ts'
import type { Artifacts, ArtifactOwner } from './artifacts.ts'
import { idHash } from './hash.ts'
import { consumedAt } from './payload.ts'
import { grantsBeside } from './session-merge.ts'
import type { Sessions } from './sessions.ts'
import { orUnavailable } from './unavailable.ts'

export interface AdapterOptions {
  readonly artifacts: Artifacts
  readonly cibaRequests: CibaRequests
  readonly clock: Clock
  readonly clients: Clients
  readonly grace: RefreshGrace
  readonly registrations: Registrations
  /** Undefined: an id that is a URL means nothing. */
  readonly documents: MetadataDocuments | undefined
  /** Told of each grant that is ended before its time, with all that came from it. */
  onGrantEnded(owner: ArtifactOwner): Promise<void>
  readonly sessions: Sessions
}

/** Where oidc-provider keeps its things: clients in their own table, all else as artifacts. */
export function createAdapterFactory(options: AdapterOptions): AdapterFactory {
  return (model) => (model === 'Client' ? new ClientAdapter(options) : new ArtifactAdapter(model, options))
}

/**
 * Clients poll with these, and two polls at the same time, at one server or at two, are no theft: ending the family would
 * take the tokens from the one that is being served. So long after the first, in milliseconds, another one counts as made
 * at the same time; who comes later is found out by the library, and ends the family. A device's may always come again.
 */
const samePollMs: ReadonlyMap<string, number> = new Map([
  ['DeviceCode', Number.POSITIVE_INFINITY],
  ['BackchannelAuthenticationRequest', 5_000],
])

class ArtifactAdapter implements Adapter {
  readonly #model: string
  readonly #artifacts: Artifacts
  readonly #options: AdapterOptions

  constructor(model: string, options: AdapterOptions) {
    this.#model = model
    this.#artifacts = options.artifacts
    this.#options = options
  }

  upsert(id: string, payload: AdapterPayload, expiresIn?: number): Promise<void> {
    const { sessions, cibaRequests } = this.#options
    return orUnavailable(() => {
      if (this.#model === 'Session') return sessions.save(id, payload, expiresIn)
      if (this.#model === 'BackchannelAuthenticationRequest') return cibaRequests.save(id, payload, expiresIn)
      return this.#artifacts.save(this.#model, id, payload, expiresIn)
    })
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return orUnavailable(async () => {
      const found = await this.#artifacts.find(this.#model, id)
      if (this.#model === 'Session') this.#options.sessions.noteFound(found)
      else if (found !== undefined) this.#options.sessions.noteToken(found)
      if (found?.['consumed'] === undefined) return found
      if (this.#isSamePoll(found)) throw samePoll()
      return this.#model === 'RefreshToken' ? this.#options.grace.reconsider(id, found) : found
    })
  }

  findByUid(uid: string): Promise<AdapterPayload | undefined> {
    return orUnavailable(async () =>
      this.#options.sessions.forToken(await this.#artifacts.findByUid(this.#model, uid)),
    )
  }

  findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
    return orUnavailable(() => this.#artifacts.findByUserCode(this.#model, userCode))
  }

  /**
   * The library looks whether something was used, and marks it, in two steps; this is the one step that decides.
   * Its own handling of reuse is skipped by our throwing, so ending the family is done here (RFC 9700
   * section 4.14.2, RFC 6749 section 4.1.2).
   */
  consume(id: string): Promise<void> {
    return orUnavailable(async () => {
      if (await this.#artifacts.consumeOnce(this.#model, id)) return
      if (this.#model === 'PushedAuthorizationRequest')
        throw new errors.InvalidRequestUri('request_uri was already used')
      if (samePollMs.has(this.#model)) throw samePoll()
      const taken = this.#model === 'RefreshToken' ? await this.#options.grace.judge(id) : 'reuse'
      if (taken === 'repetition') return
      if (taken === 'given up') throw new errors.InvalidGrant('its client did not wait for the answer')
      const owner = await this.#artifacts.revokeFamilyOf(this.#model, id)
      if (owner !== undefined) await this.#options.onGrantEnded(owner)
      throw new errors.InvalidGrant('already used')
    })
  }

  /** Of something that was used. */
  #isSamePoll(found: AdapterPayload): boolean {
    const lastsMs = samePollMs.get(this.#model)
    return lastsMs !== undefined && this.#options.clock.now() < consumedAt(found) + lastsMs
  }

  destroy(id: string): Promise<void> {
    return orUnavailable(async () => {
      if (this.#model === 'Session') return this.#endSession(id)
      if (this.#model !== 'Grant') return void (await this.#artifacts.destroy(this.#model, id))
      const owner = await this.#artifacts.ownerOf('Grant', id)
      if ((await this.#artifacts.endGrant(id)) && owner !== undefined) await this.#options.onGrantEnded(owner)
      await this.#endGrantsBeside(id)
    })
  }

  /** The library knows one grant of each client, and ends that one when the person signs out. */
  async #endGrantsBeside(grantId: string): Promise<void> {
    const { ctx } = Provider
    if (ctx?.oidc.route !== 'end_session_confirm') return
    for (const other of grantsBeside(grantId, ctx.oidc.session?.authorizations)) {
      // oxlint-disable-next-line no-await-in-loop
      const owner = await this.#artifacts.revokeFamilyOf('Grant', other)
      // oxlint-disable-next-line no-await-in-loop
      if (owner !== undefined) await this.#options.onGrantEnded(owner)
    }
  }

  async #endSession(id: string): Promise<void> {
    const { sessions } = this.#options
    if (!sessions.isRenamed(id)) await sessions.end(idHash(id))
  }

  revokeByGrantId(grantId: string): Promise<void> {
    return orUnavailable(() => this.#artifacts.revokeByGrantId(this.#model, grantId))
  }
}

function samePoll(): Error {
  return new errors.InvalidGrant('used by another poll at the same time')
}

/** Clients are read here, and written where they register themselves. */
class ClientAdapter implements Adapter {
  readonly #options: AdapterOptions

  constructor(options: AdapterOptions) {
    this.#options = options
  }

  find(id: string): Promise<AdapterPayload | undefined> {
    return orUnavailable(async () => {
      const known = await this.#options.clients.forProvider(id)
      return this.#options.documents?.resolve(id, known) ?? known
    })
  }

  upsert(id: string, payload: AdapterPayload): Promise<void> {
    return orUnavailable(() => this.#options.registrations.save(id, payload))
  }

  destroy(id: string): Promise<void> {
    return orUnavailable(() => this.#options.registrations.remove(id))
  }

  findByUid = notForClients
  findByUserCode = notForClients
  consume = notForClients
  revokeByGrantId = notForClients
}

function notForClients(): Promise<never> {
  return Promise.reject(new TypeError('this is not asked of clients'))
}
