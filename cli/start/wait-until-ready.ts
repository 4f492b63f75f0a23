import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '@gatehouse/kit/errors'
import { http } from '@gatehouse/kit/http/node-http'
import { lastTrouble } from './log-file.ts'

const everyMs = 20

export interface Waiting {
  /** Origin of the gateway's admin listener. */
  readonly admin: string | undefined
  readonly withinMs: number
  readonly stop: AbortSignal
  /** The gateway's. */
  readonly logFile: string
}

/** Asks the gateway's `/readyz` until it answers 200: it has its keys, and knows its upstreams. @throws StartError */
export async function waitUntilReady({ admin, withinMs, stop, logFile }: Waiting): Promise<void> {
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
    // Such as an issuer whose name or proxy does not lead to the identity server yet.
    hint: [['All parts run.', ...lastTrouble(logFile)].join(' It waits: '), `Its log is ${logFile}`].join(
      '\n',
    ),
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
