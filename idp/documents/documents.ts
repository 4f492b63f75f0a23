import type { Clock } from '@gatehouse/kit/clock'
import type { MetadataDocumentsConfig } from '@gatehouse/kit/config/types-protocol'
import type { Logger } from '@gatehouse/kit/log'
import type { AdapterPayload } from 'oidc-provider'
import { Provider } from 'oidc-provider'
import { addressKey } from '../accounts/address.ts'
import { MemoryLimiter } from '../accounts/throttle.ts'
import type { Clients } from '../clients/clients.ts'
import type { KnownNames } from '../clients/known-names.ts'
import type { GuardedFetch } from '../fetch/guarded-fetch.ts'
import { freshMs } from './caching.ts'
import { documentUrl, isHostAllowed } from './client-url.ts'
import { recordOf } from './record.ts'

/** A document whose host does not answer holds for so long after its time. */
const staleMs = 24 * 3_600_000
const maxDocumentBytes = 32 * 1024

export interface MetadataDocumentsOptions {
  readonly policy: MetadataDocumentsConfig
  readonly clients: Clients
  readonly knownNames: KnownNames
  readonly guarded: GuardedFetch
  readonly clock: Clock
  readonly log: Logger
}

/**
 * Clients whose id is the URL of their metadata. What a document says rests in the table of clients, as if it had been
 * registered, and is read anew when its time is over. Hosts, scopes, rate and life are the policy's to say.
 */
export class MetadataDocuments {
  readonly #options: MetadataDocumentsOptions
  readonly #limiter: MemoryLimiter
  readonly #pending = new Map<string, Promise<AdapterPayload | undefined>>()

  constructor(options: MetadataDocumentsOptions) {
    this.#options = options
    this.#limiter = new MemoryLimiter({ limit: options.policy.quota, clock: options.clock })
  }

  /** @param known what rests of it; @returns the client as it is to be taken now */
  resolve(clientId: string, known: AdapterPayload | undefined): Promise<AdapterPayload | undefined> {
    const url = documentUrl(clientId)
    const freshUntil: unknown = known?.['document_fresh_until']
    // An operator's own client may have a URL for its id.
    if (url === undefined || (known !== undefined && typeof freshUntil !== 'number'))
      return Promise.resolve(known)
    if (!isHostAllowed(this.#options.policy.hosts, url)) return Promise.resolve(undefined)
    const until = typeof freshUntil === 'number' ? freshUntil : 0
    if (this.#options.clock.now() < until) return Promise.resolve(known)
    const pending = this.#pending.get(clientId)
    if (pending !== undefined) return pending
    const read = this.#renew(url, known, until).finally(() => this.#pending.delete(clientId))
    this.#pending.set(clientId, read)
    return read
  }

  async #renew(
    url: URL,
    known: AdapterPayload | undefined,
    until: number,
  ): Promise<AdapterPayload | undefined> {
    const { clock, log, clients } = this.#options
    const stale = clock.now() < until + staleMs ? known : undefined
    if (this.#limiter.take(addressKey(Provider.ctx?.ip ?? '')) > 0) return stale
    const answer = await this.#fetch(url)
    if (answer === undefined) return stale
    const record = await this.#read(url, answer)
    if (record === undefined) {
      log.info({ host: url.host, status: answer.status }, 'no client: its document is not one')
      return undefined
    }
    const fault = await clients.renew(record)
    if (fault === undefined) return clients.forProvider(url.href)
    log.info({ host: url.host, fault }, 'no client: it does not do what an operator asks of it')
    return undefined
  }

  async #fetch(url: URL): Promise<Response | undefined> {
    const { guarded, log } = this.#options
    try {
      return await guarded.fetch(url.href, {
        method: 'GET',
        headers: { accept: 'application/json' },
        body: null,
      })
    } catch (error) {
      log.info({ host: url.host, err: error }, 'the document of a client was not fetched')
      return undefined
    }
  }

  async #read(url: URL, answer: Response) {
    const { policy, clock, knownNames, log } = this.#options
    const isJson = /^application\/(?:[a-z0-9.+-]+\+)?json(?:;|$)/i.test(
      answer.headers.get('content-type') ?? '',
    )
    const body = await answer.text()
    if (answer.status !== 200 || !isJson || body.length > maxDocumentBytes) return undefined
    const now = clock.now()
    const times = { freshUntil: now + freshMs(answer.headers), expiresAt: now + policy.expiryMs }
    const record = recordOf(url.href, parsed(body), policy, times)
    const fault = record === undefined ? undefined : await knownNames.faultOf(record.client_name)
    if (fault === undefined) return record
    log.info({ host: url.host, fault }, 'no client: its name')
    return undefined
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // A document that is no JSON is none.
    return undefined
  }
}
