import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import t from 'tap'
import { closeCodes, Tunnel } from '../../gateway/websocket/tunnel.ts'
import { turn } from './upstream-fixture.ts'

const text = Buffer.from([0x81, 2, 0x68, 0x69])

/** A tunnel with its two ends. */
function joined() {
  const [caller, callersEnd] = duplexPair()
  const [service, servicesEnd] = duplexPair()
  const tunnel = new Tunnel(caller, service, () => undefined)
  return { tunnel, caller, service, callersEnd, servicesEnd }
}

for (const [what, meanwhile] of Object.entries({
  'a look': (tunnel: Tunnel) => tunnel.look(),
  'the end of the authority': (tunnel: Tunnel) => tunnel.close(closeCodes.unauthorized),
})) {
  t.test(`the last word of a service that has parted arrives, whatever comes between: ${what}`, async (t) => {
    const { tunnel, service, callersEnd, servicesEnd } = joined()
    tunnel.look()
    servicesEnd.end(text)
    await once(service, 'end')
    meanwhile(tunnel)
    await turn()
    t.same(await callersEnd.toArray(), [text])
  })
}

t.test('a frame that is being finished for one who takes nothing does not fill memory', async (t) => {
  const { tunnel, caller, servicesEnd } = joined()
  // One frame of 1 GB.
  servicesEnd.write(Buffer.from([0x82, 127, 0, 0, 0, 0, 0x40, 0, 0, 0]))
  await turns()
  tunnel.close(closeCodes.unauthorized)
  const piece = Buffer.alloc(64 * 1024)
  const pump = (): void => {
    while (servicesEnd.write(piece));
  }
  servicesEnd.on('drain', pump)
  pump()
  await turns()
  t.ok(caller.writableLength < 1024 * 1024, `${caller.writableLength} bytes wait`)
  servicesEnd.destroy()
})

async function turns(): Promise<void> {
  // oxlint-disable-next-line no-await-in-loop
  for (let count = 0; count < 100; count++) await turn()
}
