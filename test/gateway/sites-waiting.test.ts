import t from 'tap'
import type { SiteConfig } from '@gatehouse/kit/config/types'
import { siteAgent } from '../../gateway/sites/agent.ts'
import { guardSite } from '../../gateway/sites/guard.ts'
import { eventually } from '../harness/index.ts'
import { serve } from '../kit/http-fixture.ts'
import { Site } from './site.ts'

const bare: SiteConfig = {
  id: 's',
  target: 'http://127.0.0.1:1',
  at: { prefix: '/' },
  timeoutMs: 60_000,
  headers: { request: [], response: [] },
}

t.test('so many wait for a site, and no more; who has left while waiting is not asked for', async (t) => {
  const site = await Site.start(t)
  const answers: (() => void)[] = []
  site.answer = (_request, response) => answers.push(() => response.end())
  const leaving = new AbortController()
  const config: SiteConfig = { ...bare, target: `http://127.0.0.1:${site.port}` }
  const agent = siteAgent(config, (txn) => (txn === 'leaves' ? leaving.signal : undefined))
  t.teardown(() => agent.destroy())
  const ended: [string, unknown][] = []
  const request = (txn: string): void =>
    agent.request(
      { origin: config.target, path: `/${txn}`, method: 'GET', headers: { 'x-request-id': txn } },
      (error, answer) => (ended.push([txn, error]), answer?.body?.resume()),
    )
  for (let at = 0; at < 64; at++) request('active')
  request('leaves')
  for (let at = 1; at < 1024; at++) request('waits')
  request('too many')
  t.match(ended.splice(0), [['too many', { code: 'upstream_unavailable' }]])
  leaving.abort()
  t.ok(await eventually(() => answers.length === 64))
  for (const answer of answers.splice(0)) answer()
  t.ok(await eventually(() => answers.length === 64))
  t.same(
    site.seen.slice(64).map(({ url }) => url),
    Array.from({ length: 64 }, () => '/waits'),
  )
})

t.test('a caller stays connected for as long as the site may take', async (t) => {
  const patience = async (timeoutMs: number): Promise<number> => {
    const config: SiteConfig = { ...bare, timeoutMs }
    const { url } = await serve(t, (scope) => {
      guardSite(scope, config, 1024)
      scope.get('/', ({ socket }) => String(socket.timeout))
    })
    return Number(await (await fetch(url)).text())
  }
  t.ok((await patience(600_000)) > 600_000)
  t.ok((await patience(30_000)) >= 60_000, 'as any connection')
})
