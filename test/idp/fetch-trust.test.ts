import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '@gatehouse/kit/clock'
import { createCa, issueWorkload } from '@gatehouse/kit/mtls/ca'
import { GuardedFetch } from '../../idp/fetch/guarded-fetch.ts'

const life = { days: 1, now: new Date() }
const trustDomain = 'suite.example'
const noOpenssl = process.env['CI'] === undefined && spawnSync('openssl', ['version']).error !== undefined

interface Pair {
  readonly certPem: string
  readonly keyPem: string
}

/** As container images make one at their first start: with a common name, and for nobody in particular. */
function selfSigned(t: Test): Pair {
  const dir = t.testdir({})
  const files = ['-keyout', join(dir, 'key.pem'), '-out', join(dir, 'cert.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-subj', '/CN=suite']
  execFileSync('openssl', ['req', '-x509', '-nodes', '-days', '1', ...kind, ...files], { stdio: 'pipe' })
  const read = (name: string) => readFileSync(join(dir, name), 'utf8')
  return { certPem: read('cert.pem'), keyPem: read('key.pem') }
}

async function fetchFrom(t: Test, { certPem, keyPem }: Pair, authority: string): Promise<string> {
  const server = createServer({ cert: certPem, key: keyPem }, (_request, response) => response.end('here'))
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const allow = ['127.0.0.1/32', '::1/128']
  const guarded = new GuardedFetch({ clock: systemClock, allow, authorities: [authority] })
  t.teardown(() => void server.close())
  t.teardown(() => server.closeAllConnections())
  t.teardown(() => guarded.close())
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const request = { method: 'GET', headers: {}, body: null }
  try {
    return await (await guarded.fetch(`https://localhost:${port}/`, request)).text()
  } catch (error) {
    return String(error instanceof Error && 'code' in error ? error.code : error)
  }
}

t.test('what issued a certificate vouches for the names in it', async (t) => {
  const ca = createCa({ trustDomain, ...life })
  const other = createCa({ trustDomain, ...life })
  const leaf = (host: string) => issueWorkload({ ca, trustDomain, name: 'host', hosts: [host], ...life })
  t.equal(await fetchFrom(t, leaf('localhost'), ca.certPem), 'here')
  t.equal(await fetchFrom(t, leaf('elsewhere.example'), ca.certPem), 'ERR_TLS_CERT_ALTNAME_INVALID')
  t.match(await fetchFrom(t, leaf('localhost'), other.certPem), /SIGNATURE|SELF_SIGNED|UNABLE/)
})

t.test('a server whose certificate is listed itself', { skip: noOpenssl && 'no openssl' }, async (t) => {
  const suite = selfSigned(t)
  t.equal(await fetchFrom(t, suite, suite.certPem), 'here', 'needs no name in it')
  const another = selfSigned(t)
  t.match(await fetchFrom(t, another, suite.certPem), /SIGNATURE|SELF_SIGNED|UNABLE/, 'and is that one alone')
})
