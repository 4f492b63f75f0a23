import { createHttpServer } from '@gatehouse/kit/http/server'
import { defaultHttpLimits } from '@gatehouse/kit/http/limits'
import { shareWebSockets } from '@gatehouse/kit/http/shared-websockets'
import { acceptOf } from '@gatehouse/kit/http/websocket-accept'
import { createLogger } from '@gatehouse/kit/log'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { listenAndAnnounce } from './listen.ts'

// A service on the kit's server with mutual TLS that takes WebSockets and says nothing on them.

const Options = Type.Object({
  tls: Type.Object({ ca: Type.String(), cert: Type.String(), key: Type.String() }),
  /** Whether they may share connections, as with the kit's services. */
  shares: Type.Boolean(),
})
const { tls, shares } = Value.Parse(Options, JSON.parse(process.argv[2] ?? '{}'))
const app = createHttpServer({
  log: createLogger({ name: 'bench', level: 'warn' }),
  https: {
    ...tls,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.3',
    ALPNProtocols: shares ? ['http/1.1', 'h2'] : ['http/1.1'],
  },
})
if (shares) shareWebSockets(app.server, defaultHttpLimits)
app.server.on('upgrade', (request, socket) => {
  const accept = acceptOf(request.headers['sec-websocket-key'] ?? '')
  const head = ['HTTP/1.1 101 Switching Protocols', 'upgrade: websocket', 'connection: upgrade']
  socket.on('error', () => socket.destroy()).on('end', () => socket.end())
  socket.write(`${head.join('\r\n')}\r\nsec-websocket-accept: ${accept}\r\n\r\n`)
  socket.resume()
})
await listenAndAnnounce(app)
