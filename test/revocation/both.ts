import { setTimeout as sleep } from 'node:timers/promises'
import type { Platform } from '../harness/index.ts'
import { startSecondGateway, type SecondGateway } from '../harness/second-gateway.ts'

const patienceMs = 15_000

/** Both gateways of a test, asked the same. */
export class Both {
  readonly second: SecondGateway
  readonly #platform: Platform

  private constructor(platform: Platform, second: SecondGateway) {
    this.#platform = platform
    this.second = second
  }

  static async start(t: { teardown(run: () => Promise<void>): unknown }, platform: Platform): Promise<Both> {
    const both = new Both(platform, await startSecondGateway(t, platform))
    await both.until(async () => (await fetch(`${both.second.admin}/readyz`)).ok)
    return both
  }

  /** What each answers: `200`, or status and code. */
  async answers(init: { readonly token?: string; readonly cookie?: string }): Promise<readonly string[]> {
    const headers = new Headers()
    if (init.token !== undefined) headers.set('authorization', `Bearer ${init.token}`)
    if (init.cookie !== undefined) headers.set('cookie', init.cookie)
    const origins = [this.#platform.url('gateway'), this.second.url]
    return Promise.all(
      origins.map(async (origin) => {
        const answer = await fetch(`${origin}/api/orders`, { headers, redirect: 'manual' })
        const body: unknown = await answer.json()
        return answer.ok ? '200' : `${answer.status} ${String(Object(body).code)}`
      }),
    )
  }

  /** Asks until both refuse. @returns what they said in the end */
  async refusal(init: { readonly token?: string; readonly cookie?: string }): Promise<readonly string[]> {
    let answers: readonly string[] = []
    await this.until(async () => {
      answers = await this.answers(init)
      return answers.every((answer) => answer !== '200')
    })
    return answers
  }

  /** Asks until the answer is yes, at most 15 s. */
  async until(check: () => Promise<boolean>): Promise<void> {
    const deadline = performance.now() + patienceMs
    while (performance.now() < deadline) {
      if (await check()) return
      await sleep(5)
    }
  }
}
