import https from 'node:https'

/** How one request over TLS ended: an HTTP status, or the code of the error that came instead. */
export type Outcome =
  | { readonly status: number; readonly headers: Readonly<Record<string, unknown>> }
  | { readonly error: string }

/** One request on a connection of its own, with whatever certificate. The server's own is not checked. */
export function requestWith(
  url: string,
  tls: { readonly cert?: string; readonly key?: string },
  headers: Readonly<Record<string, string | string[]>> = {},
): Promise<Outcome> {
  return new Promise((resolve) => {
    const request = https.request(url, {
      ...tls,
      headers,
      agent: false,
      rejectUnauthorized: false,
      timeout: 15_000,
    })
    request.once('response', (response) => {
      response.resume()
      resolve({ status: response.statusCode ?? 0, headers: response.headers })
    })
    request.once('timeout', () => request.destroy(new Error('timeout')))
    request.once('error', (error) => resolve({ error: 'code' in error ? String(error.code) : error.message }))
    request.end()
  })
}
