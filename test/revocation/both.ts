import { until } from '../harness/eventually.ts'
import type { Platform } from '../harness/index.ts'
import { startSecondGateway, type SecondGateway } from '../harness/second-gateway.ts'

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
    await until(async () => (await fetch(`${both.second.admin}/readyz`)).ok)
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
    await until(async () => {
      answers = await this.answers(init)
      return answers.every((answer) => answer !== '200')
    })
    return answers
  }
}
