import t from 'tap'
import { createAdminServer } from '@gatehouse/kit/http/admin'
import { createLogger } from '@gatehouse/kit/log'
import { Metrics } from '@gatehouse/kit/metrics'

async function linesOf(metrics: Metrics, prefix: string): Promise<readonly string[]> {
  return (await metrics.render()).text.split('\n').filter((line) => line.startsWith(prefix))
}

t.test('counters add up, and scraping twice counts nothing twice', async (t) => {
  const metrics = new Metrics()
  const family = metrics.counter('requests_total', 'Requests', ['route'])
  const child = family.child({ route: 'a"b' })
  child.inc()
  child.inc(2)
  t.equal(family.child({ route: 'a"b' }), child, 'the same child each time')
  metrics.counter('plain_total', 'Plain')
  await metrics.render()
  t.strictSame(await linesOf(metrics, 'requests_total'), ['requests_total{route="a\\"b"} 3'])
  t.strictSame(await linesOf(metrics, 'plain_total'), ['plain_total 0'], 'there from the start')
})

t.test('histograms are cumulative, and a bound belongs to its bucket', async (t) => {
  const metrics = new Metrics()
  const child = metrics.histogram('d_seconds', 'Durations', ['route'], [0.1, 1]).child({ route: 'a' })
  for (const value of [0.05, 0.1, 0.5, 7]) child.observe(value)
  t.strictSame(await linesOf(metrics, 'd_seconds'), [
    'd_seconds_bucket{route="a",le="0.1"} 2',
    'd_seconds_bucket{route="a",le="1"} 3',
    'd_seconds_bucket{route="a",le="+Inf"} 4',
    'd_seconds_sum{route="a"} 7.65',
    'd_seconds_count{route="a"} 4',
  ])
})

t.test('gauges are read when somebody scrapes', async (t) => {
  const metrics = new Metrics()
  let value = 1
  metrics.gauge('open', 'Open', () => value)
  t.strictSame(await linesOf(metrics, 'open'), ['open 1'])
  value = 5
  t.strictSame(await linesOf(metrics, 'open'), ['open 5'])
})

t.test('a name that is taken is an error', async (t) => {
  const metrics = new Metrics()
  metrics.counter('x_total', 'X')
  t.throws(() => metrics.counter('x_total', 'X'), TypeError)
})

t.test('the admin listener', async (t) => {
  const metrics = new Metrics()
  let ready = false
  const app = createAdminServer({
    log: createLogger({ name: 't', level: 'silent' }),
    metrics,
    ready: () => ready,
  })
  t.teardown(() => app.close())
  const get = (url: string) => app.inject({ url, headers: { host: 'localhost' } })
  t.equal((await get('/healthz')).statusCode, 200)
  const notReady = await get('/readyz')
  t.equal(notReady.statusCode, 503)
  t.match(notReady.json(), { code: 'not_ready' })
  ready = true
  t.equal((await get('/readyz')).statusCode, 200)
  const scraped = await get('/metrics')
  t.match(scraped.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(scraped.body, /process_resident_memory_bytes \d+/)
})
