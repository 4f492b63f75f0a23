import { createServer } from 'node:http'
import { jwtParts, type Platform } from '../harness/index.ts'

/**
 * Listens where the gateway would (OpenID Connect Back-Channel Logout 1.0 section 2.5).
 * @returns the claims of each logout token, as they come
 */
export async function toldOfLogouts(
  t: { teardown(run: () => void): unknown },
  { config }: Platform,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const told: Readonly<Record<string, unknown>>[] = []
  const client = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      told.push(jwtParts(new URLSearchParams(body).get('logout_token') ?? '').payload)
      response.writeHead(200).end()
    })
  })
  await new Promise<void>((resolve) => client.listen(config.gateway.listen.port, 'localhost', resolve))
  t.teardown(() => void client.close())
  return told
}
