import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import t from 'tap'
import { closeCodes, Tunnel } from '../../gateway/websocket/tunnel.ts'

const text = Buffer.from([0x81, 2, 0x68, 0x69])

/** A tunnel with its two ends. */
function joined() {
  const [caller, callersEnd] = duplexPair()
  const [service, servicesEnd] = duplexPair()
  const tunnel = new Tunnel(caller, service, () => undefined)
  return { tunnel, service, callersEnd, servicesEnd }
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
    await new Promise((resolve) => setImmediate(resolve))
    t.same(await callersEnd.toArray(), [text])
  })
}
