import { Provider } from 'oidc-provider'
import t, { type Test } from 'tap'
import { Sessions } from '../../idp/storage/sessions.ts'
import { eventually, jwtParts, startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Person } from './person.ts'
import { toldOfLogouts } from './told-of-logouts.ts'
import { WebClient } from './web.ts'

/** Has the first so many requests that give a code save their session once all of them have read it, however fast each is. */
function servedTogether(t: Test, requests: number): void {
  const all = Promise.withResolvers<void>()
  let read = 0
  // It is called as the method that it is.
  // oxlint-disable-next-line typescript/unbound-method
  const { save } = Sessions.prototype
  t.capture(Sessions.prototype, 'save', async function (this: Sessions, ...session: Parameters<typeof save>) {
    const givesCode = Provider.ctx?.oidc.entities.AuthorizationCode !== undefined
    if (givesCode && ++read === requests) all.resolve()
    if (givesCode) await all.promise
    return save.apply(this, session)
  })
}

t.test('a client hears of each login that a person who signs out had in several tabs', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const told = await toldOfLogouts(t, platform)

  const person = new Person()
  const login = await person.follow(await person.open(`${issuer}/account`))
  await person.signIn(login, 'alice', platform.credentials.password('alice'))
  const web = new WebClient(platform)
  const tab = async (): Promise<string> => {
    const tokens: unknown = await (await web.redeem(await web.authorize({}, { person }))).json()
    return textField(jwtParts(textField(tokens, 'id_token')).payload, 'sid')
  }
  servedTogether(t, 4)
  const sids = new Set(await Promise.all([tab(), tab(), tab(), tab()]))
  t.equal(sids.size, 4, 'tabs that came at once have names of their own')
  await person.submit(await person.open(`${issuer}/oauth/logout`), 'Sign out')
  t.ok(
    await eventually(() => [...sids].every((sid) => told.some((one) => one['sid'] === sid))),
    `${told.length} of ${sids.size}`,
  )
})
