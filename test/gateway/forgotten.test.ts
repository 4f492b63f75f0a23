import t from 'tap'
import { ownVerifier } from './own-verifier.ts'

t.test('a proof that is worth nothing any more is thrown away, and only that one', async (t) => {
  const { issuer, verifier } = await ownVerifier(t)
  const [taken, kept] = [issuer.token(), issuer.token({ sub: 'acc-bob' })]
  for (const token of [taken, kept]) await verifier.verify(token)
  const caller = await verifier.verify(taken)
  const other = await verifier.verify(kept)
  t.equal(verifier.known(taken), caller)
  caller.forget()
  t.equal(verifier.known(taken), undefined)
  t.equal(verifier.known(kept), other)
})
