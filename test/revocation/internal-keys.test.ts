import t from 'tap'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { spiffeId } from '@gatehouse/kit/mtls/identity'
import { loadWorkload } from '@gatehouse/kit/mtls/material'
import { eventually, jwtParts, startPlatform } from '../harness/index.ts'
import { Admin } from '../idp/admin.ts'

const platform = await startPlatform({ t })
const waits = () =>
  platform.received('gateway', 'internal').filter(({ path }) => path.includes('?wait=')).length
/** Each of the three services has asked for the keys, and asked again to hear of others. */
const areListening = () => eventually(() => waits() >= 6)
t.ok(await areListening())

/** Presents internal tokens to a service, as the gateway would. */
function gatewayTo() {
  const { config, paths } = platform
  const pool = createMtlsClient({
    material: loadWorkload(paths.certs, config.trustDomain, 'gateway'),
    expected: spiffeId(config.trustDomain, 'inventory'),
    connectTimeoutMs: 15_000,
    origin: platform.url('inventory'),
  })
  t.teardown(() => pool.destroy())
  return async (token: string, path: string): Promise<number> => {
    const answer = await pool.request({
      method: 'GET',
      path,
      headers: { authorization: `Bearer ${token}` },
    })
    await answer.body.dump()
    return answer.statusCode
  }
}

/** An internal token as inventory received it, and the request that it came with. */
async function internalToken(): Promise<{ readonly token: string; readonly path: string }> {
  platform.forgetReceived()
  const answer = await platform.fetch('/api/inventory', { token: await platform.token() })
  await answer.body?.cancel()
  t.equal(answer.status, 200)
  const [seen] = platform.received('inventory')
  return { token: seen?.headers.authorization?.slice('Bearer '.length) ?? '', path: seen?.path ?? '' }
}

const present = gatewayTo()

async function retireKeyOf(token: string): Promise<void> {
  const kid = String(jwtParts(token).header['kid'])
  const admin = await Admin.of(platform, 'gateway')
  const retired = await admin.send('POST', `/keys/${kid}/retire`, { emergency: true })
  t.equal(retired.status, 200)
}

/** How long the token was still taken, in milliseconds. */
async function takenFor(token: string, path: string): Promise<number> {
  const since = performance.now()
  let status = await present(token, path)
  while (status === 200 && performance.now() - since < 15_000) status = await present(token, path)
  t.equal(status, 401)
  return performance.now() - since
}

t.test('services refuse what an internal key signed as soon as that is taken out', async (t) => {
  const { token, path } = await internalToken()
  t.equal(await present(token, path), 200)
  await retireKeyOf(token)
  t.comment(`after ${Math.round(await takenFor(token, path))} ms`)
  const next = await internalToken()
  t.equal(await present(next.token, next.path), 200, 'and take what the next key signs')
})

t.test('services that nothing is told do not ask all the time', async (t) => {
  platform.forgetReceived()
  await new Promise((resolve) => setTimeout(resolve, 600))
  t.ok(waits() <= 3, `${waits()} requests`)
})

t.test(
  'a gateway that stops does not wait for those who listen, and they listen to the next one',
  async (t) => {
    const since = performance.now()
    await platform.stopPart('gateway')
    t.comment(`stopped within ${Math.round(performance.now() - since)} ms`)
    t.notMatch(platform.logs('gateway').join(), 'request failed')
    // Before it starts: a service may be back before anybody has asked whether the gateway is ready.
    platform.forgetReceived()
    await platform.startPart('gateway')
    await platform.ready()
    t.ok(await eventually(() => waits() >= 3), 'all three are back')
    const { token, path } = await internalToken()
    await retireKeyOf(token)
    t.comment(`after ${Math.round(await takenFor(token, path))} ms`)
  },
)
