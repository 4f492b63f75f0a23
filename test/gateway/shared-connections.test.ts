import http2 from 'node:http2'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { SharedConnections, type Waiter } from '../../gateway/upstream/multiplex/connections.ts'
import { turn } from './upstream-fixture.ts'

type Connect = ConstructorParameters<typeof SharedConnections>[0]
type Session = Awaited<ReturnType<Connect>>

/** Connections that are made, or fail, when they are told to. */
function connecting() {
  const asked: PromiseWithResolvers<Session>[] = []
  const connections = new SharedConnections(() => {
    const one = Promise.withResolvers<Session>()
    asked.push(one)
    return one.promise
  })
  const became: string[] = []
  const wait = (count: number): void => {
    for (let at = 0; at < count; at++) {
      const waiter: Waiter = {
        send: () => became.push('sent'),
        alone: () => became.push('alone'),
        fail: ({ message }) => became.push(message),
      }
      connections.give(waiter)
    }
  }
  return { asked, became, wait }
}

async function openSession(t: Test): Promise<Session> {
  const server = http2.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = http2.connect(`http://127.0.0.1:${Object(server.address()).port}`)
  t.teardown(() => (session.destroy(), server.close()))
  await once(session, 'remoteSettings')
  return session
}

t.test('one connection that fails is one failure, however many wait for it', async (t) => {
  const { asked, became, wait } = connecting()
  wait(50)
  t.equal(asked.length, 1)
  asked[0]?.reject(new Error('reset'))
  await turn()
  t.same(became.splice(0), ['reset'])
  t.equal(asked.length, 2, 'the others are tried once more')
  asked[1]?.resolve(await openSession(t))
  await turn()
  t.same(
    became,
    Array.from({ length: 49 }, () => 'sent'),
  )
})

t.test('a second one that fails is the end for all that waited for both', async (t) => {
  const { asked, became, wait } = connecting()
  wait(50)
  asked[0]?.reject(new Error('reset'))
  await turn()
  wait(10)
  asked[1]?.reject(new Error('refused'))
  await turn()
  t.same(became, ['reset', ...Array.from({ length: 49 }, () => 'refused')])
  t.equal(asked.length, 3, 'those who came in between have their second one')
})

t.test('who waits for another connection than the one that fails goes on waiting', async (t) => {
  const { asked, became, wait } = connecting()
  wait(101)
  t.equal(asked.length, 2)
  asked[0]?.reject(new Error('reset'))
  await turn()
  t.same(became, ['reset'])
  asked[1]?.resolve(await openSession(t))
  await turn()
  t.same(
    became.slice(1),
    Array.from({ length: 100 }, () => 'sent'),
  )
})
