import t from 'tap'
import { withoutDrawn } from '../harness/drawn.ts'
import { startPlatform } from '../harness/index.ts'
import { Person } from '../idp/person.ts'

const elsewhere = [
  'https://evil.example/',
  '//evil.example',
  '/\\evil.example',
  '/%5cevil.example',
  '/%2f%2fevil.example',
  '/\t/evil.example',
  'javascript:alert(1)',
  '/a\r\nlocation: https://evil.example',
  '/@evil.example/..//evil.example',
]

t.test('no link of ours leads to somebody else', async (t) => {
  const platform = await startPlatform({ t })
  const { gateway, issuer } = platform.config
  const person = new Person()
  const session = await platform.signIn('alice', { cookies: person.jar })
  const pushed = () => platform.received('idp').filter(({ path }) => path === '/oauth/par').length
  const before = pushed()

  await t.test('return_to', async (t) => {
    for (const target of elsewhere) {
      const url = `/auth/login?return_to=${encodeURIComponent(target)}`
      const answer = await platform.fetch(url, { headers: { accept: 'text/html' } })
      t.equal(answer.status, 400, target)
      t.notOk(answer.headers.has('location'))
      t.notMatch(withoutDrawn(await answer.text()), /href="[^"]*evil/, 'nor is it offered')
    }
    const twice = await platform.fetch('/auth/login?return_to=/&return_to=https://evil.example')
    t.equal(twice.status, 400, 'which one would count?')
    t.equal(pushed(), before, 'the identity server heard of none')
  })

  await t.test('post_logout_redirect_uri', async (t) => {
    const others = ['https://evil.example/', `${gateway.origin}.evil.example/`, `${gateway.origin}/other`]
    for (const target of others) {
      const url = new URL('/oauth/logout', issuer)
      url.searchParams.set('client_id', gateway.clientId)
      url.searchParams.set('post_logout_redirect_uri', target)
      const answer = await person.open(url)
      t.equal(answer.status, 400, target)
      t.notOk(answer.headers.has('location'))
    }
    t.equal((await session.fetch('/auth/session')).status, 200, 'and nobody was signed out')
  })

  await t.test('signing out leads home, whatever it is told', async (t) => {
    const out = await session.fetch('/auth/logout?return_to=https://evil.example', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ return_to: 'https://evil.example', logout_url: 'https://evil.example' }),
    })
    t.same(await out.json(), { logout_url: `${gateway.origin}/` })
  })
})
