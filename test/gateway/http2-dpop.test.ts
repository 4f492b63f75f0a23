import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import t from 'tap'
import { dpopProof } from './bound-token.ts'
import { answerOf, open, rigWith } from './http2-rig.ts'

t.test('a token that is bound to a key, with its proof, in HTTP/2', async (t) => {
  const { rig, session } = await rigWith(t)
  const key = await generateKeyPair('ES256')
  const token = rig.issuer.token({
    cnf: { jkt: await calculateJwkThumbprint(await exportJWK(key.publicKey)) },
  })
  const proof = () => dpopProof(key, { htm: 'GET', htu: `https://${rig.host}/api/orders` }, token)
  const send = async (dpop: string | string[] | undefined, scheme = 'DPoP') => {
    const proofs = dpop === undefined ? {} : { dpop }
    return answerOf(open(rig, session, { authorization: `${scheme} ${token}`, ...proofs }))
  }
  const once = await proof()
  t.match(await send(once), { status: 200 })
  t.match(rig.services.orders.only().headers, { dpop: undefined })
  const refused = { status: 401, headers: { 'www-authenticate': /error="invalid_dpop_proof"/ } }
  t.match(await send(once), refused, 'the same proof again')
  t.match(await send(undefined), refused, 'no proof')
  t.match(await send([await proof(), await proof()]), refused, 'two proofs')
  t.match(
    await send(await dpopProof(key, { htm: 'POST', htu: `https://${rig.host}/api/orders` }, token)),
    refused,
  )
  t.match(await send(await proof(), 'Bearer'), { status: 401 }, 'as a plain token')
  t.equal(rig.reached(), 0)
})
