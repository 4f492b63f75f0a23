import { createServer } from 'node:http'
import t from 'tap'
import { eventually, jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { authorize, newPkce } from './native.ts'
import { Person } from './person.ts'
import { WebClient } from './web.ts'

t.test('a client hears of each login that a person who signs out had in several tabs', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer, gateway } = platform.config
  const told = new Set<unknown>()
  const client = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      told.add(jwtParts(new URLSearchParams(body).get('logout_token') ?? '').payload['sid'])
      response.writeHead(200).end()
    })
  })
  await new Promise<void>((resolve) => client.listen(gateway.listen.port, 'localhost', resolve))
  t.teardown(() => void client.close())

  const web = new WebClient(platform)
  /** Another login, and four tabs that ask at once. */
  const tabsOf = async (person: Person): Promise<ReadonlySet<string>> => {
    const login = await person.follow(await person.open(`${issuer}/account`))
    await person.signIn(login, 'alice', platform.credentials.password('alice'))
    const pushed = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const pkce = newPkce()
        return { pkce, url: await web.pushedUrl(pkce) }
      }),
    )
    const tabs = pushed.map(async ({ pkce, url }) => {
      const arrived = await authorize(platform, url, { person })
      const tokens: unknown = await (await web.redeem({ ...arrived, pkce })).json()
      return textField(jwtParts(textField(tokens, 'id_token')).payload, 'sid')
    })
    return new Set(await Promise.all(tabs))
  }
  // Only tabs that overlap at the server have names of their own, which is up to the machine.
  let person = new Person()
  let sids = await tabsOf(person)
  for (let again = 0; again < 20 && sids.size === 1; again++) {
    person = new Person()
    sids = await tabsOf(person)
  }
  t.ok(sids.size > 1, 'tabs that came at once have names of their own')
  await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
  t.ok(await eventually(() => [...sids].every((sid) => told.has(sid))), `${told.size} of ${sids.size}`)
})
