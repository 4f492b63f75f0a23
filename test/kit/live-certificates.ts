import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMtlsClient } from '@gatehouse/kit/http/client'
import { createHttpServer } from '@gatehouse/kit/http/server'
import { createLogger } from '@gatehouse/kit/log'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { LiveWorkload } from '@gatehouse/kit/mtls/live'
import { workloadFiles } from '@gatehouse/kit/mtls/material'
import { mtlsServerOptions } from '@gatehouse/kit/mtls/tls'
import { createTrust } from '@gatehouse/kit/testing'

export const log = createLogger({ name: 'test', level: 'silent' })

/** A server and a client whose files are looked at all the time. */
/** @param now when the certificates, of five days, were issued. */
export async function setUp(
  t: { testdir(): string; teardown(run: () => unknown): unknown },
  now = new Date(),
) {
  const dir = t.testdir()
  const { certsDir } = await createTrust({ dir, names: ['orders', 'users'] })
  const { keyPem } = await authorityKey(certsDir, now)
  writeFileSync(join(certsDir, 'ca.key'), keyPem)
  const live = (name: string) => {
    const workload = new LiveWorkload({ files: workloadFiles(certsDir, name), name, log, everyMs: 10 })
    t.teardown(() => workload.stop())
    return workload
  }
  const server = live('orders')
  const app = createHttpServer({
    log,
    https: mtlsServerOptions(server.material, { clientCertificate: 'require' }),
  })
  server.serve(app.server)
  app.get('/', () => ({ ok: true }))
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const address = app.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const client = (name: string, connections = 4) => {
    const workload = live(name)
    const pool = createMtlsClient({
      material: () => workload.material,
      expected: 'spiffe://gatehouse.test/orders',
      origin: `https://127.0.0.1:${port}`,
      connections,
      connectTimeoutMs: 15_000,
      onConnect: (socket) => workload.watch(socket),
    })
    t.teardown(() => pool.destroy())
    return async (headers: Record<string, string> = {}) => {
      const { statusCode, body } = await pool.request({ method: 'GET', path: '/', headers })
      await body.dump()
      return statusCode
    }
  }
  return { certsDir, client, server, port }
}

/** The trust of a test keeps its CA's key to itself; here the CA is in the folder, as on one machine. */
async function authorityKey(certsDir: string, now: Date) {
  const trustDomain = 'gatehouse.test'
  const ca = createCa({ trustDomain, days: 30, now })
  writeFileSync(join(certsDir, 'ca.pem'), ca.certPem)
  for (const name of ['gateway', 'orders', 'users']) {
    const made = issueWorkload({
      ca,
      trustDomain,
      name,
      hosts: ['localhost'],
      days: 5,
      now,
    })
    writeFileSync(join(certsDir, `${name}.pem`), made.certPem)
    writeFileSync(join(certsDir, `${name}.key`), made.keyPem)
  }
  return ca
}

export function readCa(certsDir: string): string {
  return readFileSync(join(certsDir, 'ca.pem'), 'utf8')
}
