import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import t from 'tap'
import { valkeyFor } from '../harness/valkey.ts'
import { dpopProof } from './bound-token.ts'
import { startRig } from './rig.ts'

t.test('proofs of DPoP are remembered where the sessions are', async (t) => {
  const server = await valkeyFor(t)
  if (server === undefined) return
  const store = server.createDatabase()
  const rig = await startRig(t, { config: `gateway: { session: { store: '${store}' } }` })
  const key = await generateKeyPair('ES256')
  const token = rig.issuer.token({
    cnf: { jkt: await calculateJwkThumbprint(await exportJWK(key.publicKey)) },
  })
  const proof = () => dpopProof(key, { htm: 'GET', htu: `http://${rig.host}/api/orders` }, token)
  const send = (dpop: string) =>
    rig.call({ path: '/api/orders', token: null, headers: { authorization: `DPoP ${token}`, dpop } })
  const once = await proof()
  t.equal((await send(once)).status, 200)
  t.match(await send(once), { status: 401, json: { code: 'invalid_dpop_proof' } })

  const file = new DatabaseSync(join(rig.paths.dir, 'gateway.sqlite'), { readOnly: true })
  t.same(file.prepare('select id from session_replays').all(), [], 'where nobody would sweep them')
  file.close()
  await server.kill()
  t.match(await send(await proof()), { status: 503, json: { code: 'store_unavailable' } })
  t.equal(rig.reached(), 1)
})
