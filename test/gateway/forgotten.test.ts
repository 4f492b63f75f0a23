import { systemClock } from '@gatehouse/kit/clock'
import { createLogger } from '@gatehouse/kit/log'
import { JwksClient } from '@gatehouse/kit/tokens/jwks-client'
import t from 'tap'
import { AccessTokenVerifier } from '../../gateway/authn/access-token-verifier.ts'
import { freePortBase } from '../harness/ports.ts'
import { FakeIssuer } from './fake-issuer.ts'

t.test('a proof that is worth nothing any more is thrown away, and only that one', async (t) => {
  const issuer = await FakeIssuer.start((await freePortBase()) + 1)
  t.teardown(() => issuer.stop())
  const log = createLogger({ name: 'test', level: 'silent' })
  const jwks = new JwksClient({
    fetch: async () => (await fetch(`${issuer.issuer}/oauth/jwks`)).json(),
    clock: systemClock,
    log,
  })
  t.teardown(() => jwks.stop())
  await jwks.start()
  const verifier = new AccessTokenVerifier({
    jwks,
    clock: systemClock,
    issuer: issuer.issuer,
    audience: 'urn:gatehouse:api',
  })
  const [taken, kept] = [issuer.token(), issuer.token({ sub: 'acc-bob' })]
  const caller = await verifier.verify(taken)
  const other = await verifier.verify(kept)
  t.equal(verifier.known(taken), caller)
  caller.forget()
  t.equal(verifier.known(taken), undefined)
  t.equal(verifier.known(kept), other)
})
