import { systemClock } from '@gatehouse/kit/clock'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually, startPlatform } from '../harness/index.ts'
import { startSecondGateway } from '../harness/second-gateway.ts'
import type { SessionClient } from '../harness/session.ts'
import { Person } from '../idp/person.ts'
import { withClients } from '../idp/registered.ts'

/** A gateway looks at a session again after this long; see gateway/sessions. */
const recheckMs = 5_000

t.test(
  'a logout token that names the person alone ends all of theirs, at two gateways',
  { timeout: 240_000 },
  async (t) => {
    const platform = await startPlatform({ t })
    const { clientId } = platform.config.gateway
    await withClients(platform, async (clients) => {
      const record = await clients.find(clientId)
      if (record === undefined) throw new Error('the gateway is no client')
      const { backchannel_logout_session_required: _needed, ...others } = record
      await clients.put(others)
    })
    const origins = [platform.url('gateway'), (await startSecondGateway(t, platform)).url]
    const ask = ({ cookies }: SessionClient) => {
      const cookie = cookies.header(new URL(platform.url('gateway')))
      return Promise.all(
        origins.map(
          async (origin) => (await fetch(`${origin}/auth/session`, { headers: { cookie } })).status,
        ),
      )
    }
    const person = new Person()
    const here = await platform.signIn('alice', { cookies: person.jar })
    const elsewhere = await platform.signIn('alice')
    const bob = await platform.signIn('bob')
    for (const one of [here, elsewhere, bob]) t.same(await ask(one), [200, 200])

    await person.submit(await person.open(`${platform.config.issuer}/oauth/logout`), 'Sign out')
    const until = systemClock.now() + 4 * recheckMs
    const isOver = async () =>
      (await Promise.all([here, elsewhere].map(ask))).flat().every((one) => one === 401)
    // oxlint-disable-next-line no-await-in-loop
    while (!(await isOver()) && systemClock.now() < until) await sleep(100)
    t.same(
      [await ask(here), await ask(elsewhere)],
      [
        [401, 401],
        [401, 401],
      ],
    )
    t.same(await ask(bob), [200, 200], 'and nobody else')
    const said = () =>
      platform.logs('gateway').filter((line) => line.includes('signed out by the identity server'))
    t.ok(
      await eventually(() => said().some((line) => line.includes('"by":"sub"'))),
      'because of the token, not only of the event',
    )
  },
)
