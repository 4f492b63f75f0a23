import { systemClock, type Clock } from '../clock.ts'
import { createMtlsClient } from '../http/client.ts'
import { createLogger, type Logger } from '../log.ts'
import { spiffeId } from '../mtls/identity.ts'
import { workloadFiles } from '../mtls/material.ts'
import type { ServiceContext } from '../service/context.ts'
import { patienceMs, readAnswer, whenReady, type Answered } from './answered.ts'
import { FakeDoor } from './door.ts'
import { internalToken, type StatedClaims } from './tokens.ts'
import { createTrust, type Trust } from './trust.ts'

/** A request on behalf of somebody; Alice, a customer, unless said otherwise. */
export interface Asked extends Omit<Partial<StatedClaims>, 'aud' | 'scope'> {
  readonly method?: string
  /** Sent as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Scopes of the internal token. */
  readonly scopes?: readonly string[]
}

/**
 * The gateway as a service sees it, for tests of that service: real mutual TLS, real internal tokens of a key that was
 * made for the test, the internal JWKS, and an internal door of which the test says what the other services answer.
 */
export class FakeGateway {
  readonly trust: Trust
  /** `door.handler` answers what services `call()`; `door.requests` is what they sent. */
  readonly door: FakeDoor
  readonly #clock: Clock
  readonly #closing = new Map<unknown, () => Promise<void>>()

  private constructor(trust: Trust, door: FakeDoor, clock: Clock) {
    this.trust = trust
    this.door = door
    this.#clock = clock
  }

  /** @param o.services names of the services under test. */
  static async start(o: {
    readonly services: readonly string[]
    readonly clock?: Clock
  }): Promise<FakeGateway> {
    const trust = await createTrust({ names: o.services })
    return new FakeGateway(trust, await FakeDoor.start(trust), o.clock ?? systemClock)
  }

  /** What `startService` and `openWorkload` are given: any free port, and silence unless you bring a log. */
  contextFor(name: string, log: Logger = createLogger({ name, level: 'silent' })): ServiceContext {
    return {
      files: workloadFiles(this.trust.certsDir, name),
      door: this.door.origin,
      listen: { host: '127.0.0.1', port: 0 },
      clock: this.#clock,
      log,
    }
  }

  /** An internal token as the gateway would mint it. */
  token(service: string, asked: Asked = {}): string {
    const { method: _method, body: _body, headers: _headers, scopes = [], ...claims } = asked
    return internalToken(this.trust, { ...claims, aud: service, scope: scopes.join(' ') }, this.#clock)
  }

  /**
   * A client of a running service, as the gateway. It asks again, for at most 15 s, while the service says `not_ready`.
   */
  to(service: {
    readonly name: string
    readonly urls: { readonly url: string }
  }): (path: string, asked?: Asked) => Promise<Answered> {
    const expected = spiffeId(this.trust.trustDomain, service.name)
    const material = this.trust.workload('gateway')
    const origin = service.urls.url
    const pool = createMtlsClient({ material, expected, origin, connectTimeoutMs: patienceMs })
    const send = async (path: string, asked: Asked = {}): Promise<Answered> => {
      const { method = 'GET', body } = asked
      const headers: Record<string, string> = {
        authorization: `Bearer ${this.token(service.name, asked)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...asked.headers,
      }
      const sent = body === undefined ? {} : { body: JSON.stringify(body) }
      return whenReady(async () => readAnswer(await pool.request({ method, path, headers, ...sent })))
    }
    this.#closing.set(send, () => pool.destroy())
    return send
  }

  /** Cuts the connections of a client that `to` made: its caller goes away, whatever is under way. */
  async leave(client: unknown): Promise<void> {
    await this.#closing.get(client)?.()
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#closing.values()].map((close) => close()))
    await this.door.stop()
    this.trust.remove()
  }
}
