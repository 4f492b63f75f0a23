import { writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import type { Test } from 'tap'

/** Somebody else's https host on loopback, and what the IdP needs to fetch from it. */
export interface HttpsHost {
  /** `https://localhost:…` */
  readonly origin: string
  /** For `idp.fetch`. */
  readonly fetch: { readonly allow: readonly string[]; readonly ca: string }
}

export async function startHttpsHost(
  t: Test,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<HttpsHost> {
  const life = { days: 1, now: new Date() }
  const ca = createCa({ trustDomain: 'elsewhere.example', ...life })
  const pair = issueWorkload({
    ca,
    trustDomain: 'elsewhere.example',
    name: 'host',
    hosts: ['localhost'],
    ...life,
  })
  const file = join(t.testdir({}), 'elsewhere-ca.pem')
  writeFileSync(file, ca.certPem)
  const server = createServer({ cert: pair.certPem, key: pair.keyPem }, answer)
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => server.close())
  return {
    origin: `https://localhost:${await portOf(server)}`,
    fetch: { allow: ['127.0.0.0/8', '::1/128'], ca: file },
  }
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
