import { freePort } from '../../test/harness/ports.ts'
import type { Stage } from '../run/stage.ts'
import type { Contestant, Setting } from './contestant.ts'
import { accepting, missing } from './program.ts'

/** nginx as a plain proxy: no check of anything, no log. */
export const nginx: Contestant = {
  name: 'nginx, plain',
  checks: undefined,
  native: true,
  absent: () => missing('nginx', 'nginx-light'),
  async start(stage, setting) {
    const port = await freePort()
    const name = setting.tls === undefined ? 'nginx' : 'nginx-tls'
    const config = stage.file(`${name}.conf`, configuration(stage, setting, name, port))
    const child = stage.spawn(name, 'nginx', ['-p', stage.dir, '-c', config], stage.cores.contestant)
    await accepting(port)
    return { child, host: '127.0.0.1', port }
  },
}

function configuration(stage: Stage, setting: Setting, name: string, port: number): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const { upstream, connections } = setting
  return `daemon off;
master_process off;
pid ${stage.dir}/${name}.pid;
error_log stderr warn;
events { worker_connections 2048; }
http {
  access_log off;
${temporary.map((kind) => `  ${kind}_temp_path ${stage.dir}/${name}-${kind};`).join('\n')}
  proxy_buffers 16 16k;
  upstream bench { server 127.0.0.1:${upstream.port}; keepalive ${connections}; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 100000000;
    location / {
      proxy_pass ${setting.tls === undefined ? 'http' : 'https'}://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
${tlsLines(stage, setting)}
    }
  }
}
`
}

function tlsLines(stage: Stage, { tls }: Setting): string {
  if (tls === undefined) return ''
  const [ca, cert, key] = [
    stage.file('nginx-ca.pem', tls.ca),
    stage.file('nginx-client.pem', tls.cert),
    stage.file('nginx-client.key', tls.key),
  ]
  return `      proxy_ssl_protocols TLSv1.3;
      proxy_ssl_certificate ${cert};
      proxy_ssl_certificate_key ${key};
      proxy_ssl_trusted_certificate ${ca};
      proxy_ssl_verify on;
      proxy_ssl_name localhost;
      proxy_ssl_server_name on;`
}
