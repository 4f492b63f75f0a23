import type { Test } from 'tap'
import { withoutTxn } from '../harness/drawn.ts'
import type { Answer, Sending } from './client.ts'
import type { Rig } from './rig.ts'

/** Words that only a library, a file system or an address would say. */
const foreignWords =
  /fastify|FST_|undici|UND_ERR|HPE_|llhttp|fast-jwt|FAST_JWT|jose|node_modules|ECONN|SyntaxError|127\.0\.0\.1|::1|spiffe:/i

/** Sends it and holds the answer to be this problem, in our own words only, with no service having seen anything. */
export async function refused(
  t: Test,
  rig: Rig,
  what: string,
  sending: Sending & { readonly token?: string | null },
  expected: readonly [number, string],
): Promise<Answer> {
  const before = rig.reached()
  const answer = await rig.call(sending)
  const { status, headers, json } = answer
  const shown = `${what}: ${answer.text.slice(0, 200)}`
  t.same([status, json['code'], headers['content-type']], [...expected, 'application/problem+json'], shown)
  t.same([json['status'], json['type']], [expected[0], `urn:gatehouse:problem:${expected[1]}`], shown)
  t.same([headers['cache-control'], typeof json['txn']], ['no-store', 'string'], shown)
  t.notMatch(withoutTxn(answer.text), foreignWords, what)
  t.same(rig.reached(), before, `${what}: no service saw it`)
  return answer
}

export const invalidToken = [401, 'invalid_token'] as const
