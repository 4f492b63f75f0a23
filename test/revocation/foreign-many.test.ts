import t from 'tap'
import { ForeignLog, type ForeignEntry } from '../../gateway/events/foreign-log.ts'
import { ForeignTransmitters } from '../../gateway/events/foreign.ts'
import { Position } from '../../gateway/events/position.ts'
import { openGatewayStore } from '../../gateway/store.ts'
import { eventually, startPlatform } from '../harness/index.ts'
import { contextOf } from '../idp/context.ts'

const transmitter = `
revocation:
  transmitters:
    - { id: risk, issuer: 'https://risk.example', audience: 'https://us.example', jwks: 'http://localhost:9/jwks', push: true }
`

t.test('a gateway that starts hears all that others said, however much it is', async (t) => {
  const platform = await startPlatform({ only: ['idp'], t, config: transmitter })
  const ctx = contextOf(platform)
  const store = await openGatewayStore(ctx)
  t.teardown(() => store.close())
  const count = 10_050
  const receivedAt = Date.now() - 60_000
  const rows = Array.from({ length: count }, (_, at) => ({
    transmitter: 'risk',
    jti: `jti-${at}`,
    received_at: receivedAt + at,
    revocations: JSON.stringify([{ by: 'sid', value: `sid-${at}` }]),
  }))
  for (let at = 0; at < count; at += 1000)
    await store.db
      .insertInto('foreign_events')
      .values(rows.slice(at, at + 1000))
      .execute()

  const recalled = new Set<string>()
  const foreign = new ForeignTransmitters({
    ctx,
    log: new ForeignLog(store.db),
    retentionMs: 600_000,
    position: (name) => new Position(store.db, name),
    apply: () => Promise.resolve(),
    recall: ({ jti }: ForeignEntry) => void recalled.add(jti),
  })
  t.teardown(() => foreign.close())
  t.ok(await eventually(() => foreign.ready))
  t.equal(recalled.size, count)
})
