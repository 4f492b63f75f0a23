import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:tls'
import t from 'tap'
import { startRig } from './rig.ts'

const config = `
gateway:
  origin: https://localhost:\${port:0}
  tls: { cert: '\${data}/certs/gateway.pem', key: '\${data}/certs/gateway.key', http2: false }
`

t.test('TLS at the public door, and HTTP/1.1 alone where that is said', async (t) => {
  const rig = await startRig(t, { config })
  const ca = readFileSync(`${rig.paths.certs}/ca.pem`)
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${rig.issuer.token()}` }
    request({ host: 'localhost', port: rig.port, path: '/api/orders', headers, ca }, (response) => {
      response.resume()
      resolve([response.statusCode, response.headers['strict-transport-security']])
    })
      .on('error', reject)
      .end()
  })
  t.same(status, [200, 'max-age=31536000'])
  t.match(rig.services.orders.only().headers, { 'x-forwarded-proto': 'https' })
  const protocol = await new Promise((resolve, reject) => {
    const options = {
      host: 'localhost',
      port: rig.port,
      ca,
      servername: 'localhost',
      ALPNProtocols: ['h2', 'http/1.1'],
    }
    const socket = connect(options, () => {
      resolve(socket.alpnProtocol)
      socket.destroy()
    }).on('error', reject)
  })
  t.equal(protocol, 'http/1.1')
})
