import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '@gatehouse/kit/errors'
import { http } from '@gatehouse/kit/http/node-http'

const everyMs = 20

/** Asks the gateway's `/readyz` until it answers 200: it has its keys, and knows its upstreams. */
export async function waitUntilReady(
  admin: string | undefined,
  withinMs: number,
  stop: AbortSignal,
): Promise<void> {
  const deadline = performance.now() + withinMs
  let said = 'no answer'
  while (performance.now() < deadline) {
    stop.throwIfAborted()
    const answer = await ask(`${admin}/readyz`)
    if (answer === '200') return
    said = answer
    await sleep(everyMs)
  }
  throw new StartError(`the gateway is not ready after ${withinMs / 1000} s (${admin}/readyz: ${said})`, {
    hint: 'All parts run, so its log should tell what it waits for.',
  })
}

function ask(url: string): Promise<string> {
  return new Promise((resolve) => {
    const request = http.get(url, { timeout: 1000, agent: false }, (response) => {
      response.resume()
      resolve(String(response.statusCode))
    })
    request.once('timeout', () => request.destroy(new Error('no answer')))
    request.once('error', (error) => resolve(error.message))
  })
}
