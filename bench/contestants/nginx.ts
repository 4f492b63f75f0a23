import type { Contestant } from './contestant.ts'
import { accepting, freePort, missing } from './program.ts'

/** nginx as a plain proxy: no check of anything, no log. */
export const nginx: Contestant = {
  name: 'nginx, plain',
  checks: undefined,
  absent: () => missing('nginx', 'nginx-light'),
  async start(stage, setting) {
    const port = await freePort()
    const config = stage.file(
      'nginx.conf',
      configuration(port, setting.upstream.port, setting.connections, stage.dir),
    )
    const child = stage.spawn('nginx', 'nginx', ['-p', stage.dir, '-c', config], stage.cores.contestant)
    await accepting(port)
    return { child, host: '127.0.0.1', port }
  },
}

function configuration(port: number, upstream: number, connections: number, dir: string): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `daemon off;
master_process off;
pid ${dir}/nginx.pid;
error_log stderr warn;
events { worker_connections 2048; }
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${dir}/nginx-${name};`).join('\n')}
  proxy_buffers 16 16k;
  upstream bench { server 127.0.0.1:${upstream}; keepalive ${connections}; keepalive_requests 100000000; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 100000000;
    location / { proxy_pass http://bench; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }
}
`
}
