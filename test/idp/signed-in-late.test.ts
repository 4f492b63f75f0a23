import t from 'tap'
import { startPlatform } from '../harness/index.ts'
import { textField } from '../harness/json.ts'
import { Admin } from './admin.ts'
import { authorizeUrl, nativeClient, newPkce, outcome, tokenRequest } from './native.ts'
import { ownApp } from './own-app.ts'
import { locationOf, Person, type Seen } from './person.ts'

t.test('what is taken away while a browser is on its way does not come back', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t })
  const { issuer } = platform.config
  const { app, deps } = await ownApp(t, platform)
  const admin = await Admin.of(platform)
  const find = deps.accounts.find.bind(deps.accounts)

  /** Goes on to where a page led, and does something when the server looks who it is. @returns where that leads */
  const goOn = async (person: Person, page: Seen, meanwhile: () => Promise<unknown>): Promise<string> => {
    const next = locationOf(page)
    let isDone = false
    deps.accounts.find = async (id) => {
      if (!isDone) {
        isDone = true
        await meanwhile()
      }
      return find(id)
    }
    const headers = { host: next.host, cookie: person.jar.header(next) }
    const answer = await app.inject({ method: 'GET', url: next.pathname, headers })
    t.ok(isDone)
    t.ok(answer.statusCode < 500, `answered ${answer.statusCode}, which is no fault of ours`)
    return answer.headers.location ?? ''
  }
  const sessionsOfAlice = async () => (await deps.artifacts.sessionsOf('acc-alice')).length
  const first = platform.credentials.password('alice')
  const second = 'what the administrator gave'
  const setTo = (password: string) => () => admin.send('POST', '/accounts/acc-alice/password', { password })

  await t.test('nobody comes in by a password that counts no longer', async (t) => {
    const signedIn = async (password: string, meanwhile: () => Promise<unknown>): Promise<string> => {
      const person = new Person()
      const login = await person.follow(await person.open(authorizeUrl(issuer, newPkce())))
      const page = await person.submit(login, 'Sign in', { username: 'alice', password })
      return goOn(person, page, meanwhile)
    }
    t.match(await signedIn(first, async () => undefined), '/interaction/')
    t.equal(await sessionsOfAlice(), 1)
    t.match(await signedIn(first, setTo(second)), 'error=invalid_request')
    t.equal(await sessionsOfAlice(), 0, 'another password')
    const shutOut = () => admin.send('POST', '/accounts/acc-alice/disable')
    t.match(await signedIn(second, shutOut), 'error=')
    t.equal(await sessionsOfAlice(), 0, 'shut out')
    await admin.send('POST', '/accounts/acc-alice/enable')
  })

  await t.test('a session that has ended gets no code any more', async (t) => {
    const person = new Person()
    const home = await person.follow(await person.open(`${issuer}/account`))
    await person.signIn(home, 'alice', second)
    const asked = { scope: 'openid offline_access orders:read', prompt: 'consent' }
    const allowed = async (meanwhile: () => Promise<unknown>): Promise<string> => {
      const page = await person.follow(await person.open(authorizeUrl(issuer, newPkce(), asked)))
      return goOn(person, await person.submit(page, 'Allow'), meanwhile)
    }
    t.match(await allowed(async () => undefined), 'code=')
    const answer = await allowed(setTo(first))
    t.match(answer, 'error=invalid_request')
    t.notMatch(answer, 'code=')
  })
  await t.test('nor does a device that it connects', async (t) => {
    const begin = { client_id: nativeClient, scope: 'openid offline_access orders:read' }
    const connected = async (password: string, meanwhile: () => Promise<unknown>): Promise<string> => {
      const body = new URLSearchParams(begin)
      const device: unknown = await (await fetch(`${issuer}/oauth/device`, { method: 'POST', body })).json()
      const person = new Person()
      const entry = await person.open(textField(device, 'verification_uri_complete'))
      const confirm = await person.submit(entry, 'Continue')
      const login = await person.follow(await person.submit(confirm, 'Yes, connect it'))
      const consent = await person.signIn(login, 'alice', password)
      await goOn(person, await person.submit(consent, 'Allow'), meanwhile)
      return outcome(
        await tokenRequest(issuer, {
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          client_id: nativeClient,
          device_code: textField(device, 'device_code'),
        }),
      )
    }
    t.equal(await connected(first, async () => undefined), '200')
    t.equal(await connected(first, setTo(second)), '400 invalid_grant')
  })
})
