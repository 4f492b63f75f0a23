import { freePort } from '../../test/harness/ports.ts'
import { audience } from '../run/names.ts'
import type { Algorithm } from '../run/issuer.ts'
import type { Stage } from '../run/stage.ts'
import type { Contestant, Setting } from './contestant.ts'
import { accepting, missing } from './program.ts'

/** HAProxy with the checks of its own documentation: algorithm, signature, issuer, audience, expiry. It caches none. */
export function haproxy(algorithm: Algorithm): Contestant {
  return {
    name: `HAProxy jwt_verify ${algorithm}`,
    checks: algorithm,
    native: true,
    absent: () => missing('haproxy', 'haproxy'),
    async start(stage, setting) {
      const port = await freePort()
      const name = `haproxy-${algorithm}${setting.tls === undefined ? '' : '-tls'}`
      const file = stage.file(`${name}.cfg`, configuration(stage, setting, algorithm, port))
      const child = stage.spawn(name, 'haproxy', ['-db', '-f', file], stage.cores.contestant)
      await accepting(port)
      return { child, host: '127.0.0.1', port }
    },
  }
}

function configuration(stage: Stage, setting: Setting, algorithm: Algorithm, port: number): string {
  const pem = stage.file(`issuer-${algorithm}.pem`, stage.issuer.publicPem(algorithm))
  return `global
  nbthread 1
  maxconn 2048
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
frontend bench
  bind 127.0.0.1:${port}
  http-request deny deny_status 401 unless { req.hdr(authorization) -m found }
  http-request set-var(txn.alg) http_auth_bearer,jwt_header_query('$.alg')
  http-request deny deny_status 401 unless { var(txn.alg) -m str ${algorithm} }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_payload_query('$.iss') -m str ${stage.issuer.url} }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_payload_query('$.aud') -m str ${audience} }
  http-request set-var(txn.exp) http_auth_bearer,jwt_payload_query('$.exp','int')
  http-request set-var(txn.now) date()
  http-request deny deny_status 401 if { var(txn.exp),sub(txn.now) -m int lt 0 }
  http-request deny deny_status 401 unless { http_auth_bearer,jwt_verify(txn.alg,"${pem}") -m int 1 }
  default_backend upstream
backend upstream
  server one 127.0.0.1:${setting.upstream.port}${tlsWords(stage, setting)}
`
}

function tlsWords(stage: Stage, { tls }: Setting): string {
  if (tls === undefined) return ''
  const ca = stage.file('haproxy-ca.pem', tls.ca)
  const client = stage.file('haproxy-client.pem', `${tls.cert}${tls.key}`)
  return ` ssl verify required ca-file ${ca} crt ${client} sni str(localhost) ssl-min-ver TLSv1.3`
}
