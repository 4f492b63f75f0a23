import { createServer } from 'node:http'
import t from 'tap'
import { eventually, jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
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

  const person = new Person()
  const login = await person.follow(await person.open(`${issuer}/account`))
  await person.signIn(login, 'alice', platform.credentials.password('alice'))
  const web = new WebClient(platform)
  const tab = async (): Promise<string> => {
    const tokens: unknown = await (await web.redeem(await web.authorize({}, { person }))).json()
    return textField(jwtParts(textField(tokens, 'id_token')).payload, 'sid')
  }
  const sids = new Set(await Promise.all([tab(), tab(), tab(), tab()]))
  t.ok(sids.size > 1, 'tabs that came at once have names of their own')
  await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
  t.ok(await eventually(() => [...sids].every((sid) => told.has(sid))), `${told.size} of ${sids.size}`)
})
