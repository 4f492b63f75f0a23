import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { freePortBase } from '../harness/ports.ts'
import { Person } from '../idp/person.ts'
import { liveConfig, openSocket, startLive } from './live-socket.ts'

t.test('a WebSocket of a session is closed with 4401 when the session ends', async (t) => {
  const port = await freePortBase()
  const platform = await startPlatform({ t, config: liveConfig(port) })
  await startLive(t, platform, port)
  const person = new Person()
  const alice = await platform.signIn('alice', { cookies: person.jar })
  const bob = await platform.signIn('bob')
  const carol = await platform.signIn('carol')
  const ofAlice = await openSocket(platform, alice)
  const ofBob = await openSocket(platform, bob)
  const ofCarol = await openSocket(platform, carol)

  await bob.fetch('/auth/logout', { method: 'POST' })
  t.equal(await ofBob.closed, 4401, 'signed out here')
  await person.submit(await person.open(`${platform.config.issuer}/oauth/logout`), 'Sign out')
  t.equal(await ofAlice.closed, 4401, 'signed out at the identity server')
  t.equal((await carol.fetch('/auth/session')).status, 200)
  platform.clock.advance(13 * 3_600_000)
  t.equal(await ofCarol.closed, 4401, 'the session ran out')
})
