import type { Dispatcher } from 'undici'
import type { Clock } from '../clock.ts'
import type { Caller } from '../guard/caller.ts'
import { EvidenceCache } from '../guard/evidence.ts'
import { conforms } from '../conforms.ts'
import { Type } from '../schema.ts'
import { CallError } from './error.ts'
import { scopeList } from './request.ts'
import { send, type Sending } from './send.ts'

const Exchanged = Type.Object({ access_token: Type.String(), expires_in: Type.Integer() })

/** A token is not used any more when it has less than this to live: it must arrive, too. */
const marginMs = 3_000
const cachedTokens = 1_000

interface Token {
  readonly value: string
  readonly until: number
}

/**
 * Tokens for services that are connected to directly: asked for at the internal door (RFC 8693) and kept for as long
 * as they live, by the caller's token and the scopes. Who takes authority away waits for them: at most 60 s.
 */
export class DirectTokens {
  readonly #door: Dispatcher
  readonly #clock: Clock
  readonly #tokens = new EvidenceCache<Token>(cachedTokens)

  constructor(door: Dispatcher, clock: Clock) {
    this.#door = door
    this.#clock = clock
  }

  /** @throws CallError */
  async get(caller: Caller, scopes: readonly string[] | undefined, sending: Sending): Promise<string> {
    const scope = scopes === undefined ? undefined : scopeList(scopes)
    const key = JSON.stringify([caller.token, sending.to, scope])
    const known = this.#tokens.get(key)
    if (known !== undefined && known.until - marginMs > this.#clock.now()) return known.value
    const token = await this.#exchange(caller.token, scope, sending)
    this.#tokens.set(key, token)
    return token.value
  }

  async #exchange(subject: string, scope: string | undefined, sending: Sending): Promise<Token> {
    const form = new URLSearchParams({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subject,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      audience: sending.to,
      ...(scope === undefined ? {} : { scope }),
    })
    const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
    const asked = { method: 'POST', path: '/token', headers, body: form.toString() }
    const now = this.#clock.now()
    const { status, body } = await send(this.#door, asked, sending)
    if (status === 200 && conforms(Exchanged, body)) {
      return { value: body.access_token, until: now + body.expires_in * 1000 }
    }
    // RFC 6749 section 5.2: whatever the reason, it is the edge or the token that was refused.
    throw new CallError(status === 400 ? 'refused' : 'bad_answer', sending.to, { status })
  }
}
