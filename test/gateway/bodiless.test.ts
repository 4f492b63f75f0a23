import t from 'tap'
import { sendRaw } from './client.ts'
import { startRig } from './rig.ts'
import { says } from './upstream-faults.ts'

t.test('the length of what an answer without a body would have had is not waited for', async (t) => {
  const rig = await startRig(t)
  for (const status of ['304 Not Modified']) {
    says(rig, `HTTP/1.1 ${status}\r\netag: "a"\r\ncontent-length: 5\r\n\r\n`)
    const answer = await sendRaw(
      rig.port,
      `GET /api/orders HTTP/1.1\r\nhost: ${rig.host}\r\nauthorization: Bearer ${rig.issuer.token()}\r\n\r\n`,
    )
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status}\r\n[^]*etag: "a"[^]*\r\n\r\n$`))
    t.match((await rig.lines()).at(-1), { status: Number(status.slice(0, 3)), code: undefined })
  }
})
