import { request } from 'undici'
import { FaultProxy } from '../harness/fault-proxy.ts'
import { type Platform, startPlatform } from '../harness/index.ts'

export interface BehindProxy {
  readonly platform: Platform
  /** Between the gateway and everything of the IdP. */
  readonly proxy: FaultProxy
  /** Gives a token of `demo-machine` back, past the proxy. */
  readonly revoke: (token: string) => Promise<void>
}

type Test = { teardown(run: () => Promise<void>): unknown }

/** The IdP on a port beside the public one that nothing else of the default configuration takes. */
export const behindProxy = 'idp: { listen: { host: localhost, port: "${port:7}" } }\n'

/** The platform with its IdP behind a fault proxy that has the issuer's port. */
export async function startBehindProxy(t: Test, config = ''): Promise<BehindProxy> {
  const only = ['idp', 'orders', 'users', 'inventory'] as const
  const platform = await startPlatform({ t, only, config: `${behindProxy}${config}` })
  const { portBase } = platform
  const proxy = await FaultProxy.start(t, { listen: portBase + 1, target: portBase + 7 })
  await platform.startPart('gateway')
  await platform.ready()
  const secret = platform.credentials.clientSecret('demo-machine') ?? ''
  const authorization = `Basic ${Buffer.from(`demo-machine:${secret}`).toString('base64')}`
  return {
    platform,
    proxy,
    async revoke(token) {
      const answer = await request(`http://localhost:${portBase + 7}/oauth/revoke`, {
        method: 'POST',
        headers: {
          host: new URL(platform.config.issuer).host,
          authorization,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams({ token }).toString(),
      })
      await answer.body.dump()
      if (answer.statusCode !== 200) throw new Error(`the revocation endpoint answered ${answer.statusCode}`)
    },
  }
}
