import t from 'tap'
import { startPlatform } from '../harness/index.ts'

const app = 'https://app.example.com'
const other = 'https://other.example.com'

/** What a browser says of a request by a script of another origin of the same site, which sends the cookies along. */
const from = (origin: string) => ({ origin, 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' })

t.test('pages of other origins read answers that came with a session, where a route says so', async (t) => {
  const platform = await startPlatform({
    t,
    config: `routes:
  - { id: orders.list, cors: { origins: ['${app}'], credentials: true } }
  - { id: orders.create, cors: { origins: ['${app}'], credentials: true, headers: [content-type, x-csrf] } }
  - { id: users.me, cors: { origins: ['${app}'] } }`,
  })
  const alice = await platform.signIn('alice')
  const ask = async (path: string, origin: string, init: RequestInit = {}) => {
    const headers = { ...from(origin), 'content-type': 'application/json' }
    const answer = await alice.fetch(path, { ...init, headers })
    const allowed = answer.headers.get('access-control-allow-credentials')
    return `${answer.status}${allowed === null ? '' : ' with credentials'}`
  }
  t.equal(await ask('/api/orders', app), '200 with credentials')
  t.equal(await ask('/api/orders', app, { method: 'HEAD' }), '200 with credentials')
  t.equal(await ask('/api/orders', other), '403', 'another origin')
  t.equal(await ask('/api/users/me', app), '403', 'a route that says nothing of credentials')
  t.equal(await ask('/api/orders', 'null'), '403')
  const order = { method: 'POST', body: '{}' }
  t.equal(await ask('/api/orders', app, order), '403 with credentials', 'nothing is changed from elsewhere')
})
