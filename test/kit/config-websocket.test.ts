import t from 'tap'
import { faultsOf, load, validRoute, withRoute } from './config-load.ts'

const route = (...lines: readonly string[]): string => withRoute(...validRoute, ...lines)

t.test('a WebSocket begins with GET, and origins are for WebSockets', async (t) => {
  const origins = "origins: ['https://app.example']"
  t.match(load(route('websocket: true', origins)).routes[0], { websocket: true })
  const posted = route('websocket: true').replace('methods: [GET]', 'methods: [POST, PUT]')
  t.match(faultsOf(posted), [
    {
      line: 8,
      column: 16,
      path: 'routes[0].websocket',
      message: /begins with GET, which the route does not take/,
    },
  ])
  for (const lines of [[origins], ['websocket: false', origins]]) {
    const [fault, ...more] = faultsOf(route(...lines))
    t.match(fault, { path: 'routes[0].origins', message: /has no meaning without 'websocket: true'/ })
    t.equal(more.length, 0)
  }
  t.ok(load(route('websocket: false').replace('methods: [GET]', 'methods: [POST]')))
})
