import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { JwksClient } from '@gatehouse/kit/tokens/jwks-client'
import type t from 'tap'
import { AccessTokenVerifier } from '../../gateway/authn/access-token-verifier.ts'
import { freePortBase } from '../harness/ports.ts'
import { FakeIssuer } from './fake-issuer.ts'

/** A verifier without a gateway around it, and the issuer whose tokens it takes. */
export async function ownVerifier({ teardown }: Pick<typeof t, 'teardown'>) {
  const issuer = await FakeIssuer.start((await freePortBase()) + 1)
  teardown(() => issuer.stop())
  const log = createLogger({ name: 'test', level: 'silent' })
  const get = async (): Promise<unknown> => (await fetch(`${issuer.issuer}/oauth/jwks`)).json()
  const jwks = new JwksClient({ fetch: get, clock: systemClock, log })
  teardown(() => jwks.stop())
  await jwks.start()
  const audience = 'urn:gatehouse:api'
  const verifier = new AccessTokenVerifier({ jwks, clock: systemClock, issuer: issuer.issuer, audience })
  return { issuer, jwks, verifier }
}
