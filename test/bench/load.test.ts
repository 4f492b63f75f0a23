import { writeFileSync } from 'node:fs'
import http from 'node:http'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { join } from 'node:path'
import t from 'tap'
import type { Test } from 'tap'
import type { Job } from '../../bench/load/job.ts'
import { requestText, writeRequests } from '../../bench/load/requests.ts'
import { LoadRun } from '../../bench/load/run.ts'

async function serve(t: Test, listener: RequestListener): Promise<number> {
  const server = http.createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => server.close())
  const address = server.address()
  return address !== null && typeof address === 'object' ? address.port : 0
}

function job(t: Test, port: number, requests: readonly string[], more: Partial<Job> = {}): Job {
  const dir = t.testdir()
  const body = join(dir, 'body')
  writeFileSync(body, 'fine')
  return {
    host: '127.0.0.1',
    port,
    requests: writeRequests(join(dir, 'requests'), requests),
    first: 0,
    connections: 4,
    seconds: 0.3,
    expect: { status: 200, body },
    ...more,
  }
}

const get = requestText({ path: '/', host: 'here' })

t.test('a closed run goes through the list of requests and counts what is wrong', async (t) => {
  const seen: string[] = []
  const port = await serve(t, (request, response) => {
    seen.push(request.url ?? '')
    response.end(request.url === '/2' ? 'evil' : 'fine')
  })
  const requests = ['/0', '/1', '/2'].map((path) => requestText({ path, host: 'here' }))
  const outcome = await new LoadRun(job(t, port, requests, { seconds: 2 }), new Map()).run()
  t.ok(outcome.requests > 20)
  t.same(Object.keys(outcome.faults), ['another body'])
  t.equal(outcome.firstWrong, 'evil')
  t.equal(outcome.next, seen.length, 'the next run goes on where this one ended')
  t.ok(
    Math.abs(seen.filter((url) => url === '/1').length - seen.length / 3) < 2,
    'each as often as the others',
  )
})

t.test('what is answered in the lead is checked, and not counted', async (t) => {
  let seen = 0
  const port = await serve(t, (_request, response) => {
    seen += 1
    response.end(seen === 1 ? 'evil' : 'fine')
  })
  const own = [process.pid]
  // Each long enough to be seen on a machine that pauses.
  const watched = job(t, port, [get], { lead: 2, seconds: 2, watch: { own, servants: [] } })
  const outcome = await new LoadRun(watched, new Map()).run()
  t.same(outcome.faults, { 'another body': 1 })
  t.ok(outcome.requests > 20 && outcome.requests < seen * 0.9, `${outcome.requests} of ${seen} count`)
  t.ok(outcome.seconds < 3.9, `${outcome.seconds} s`)
  const { own: used = 0 } = outcome.use ?? {}
  t.ok(used > 0 && used < outcome.seconds * 4, `${used} s of CPU time in ${outcome.seconds} s`)
})

t.test('at a fixed rate what was due in the lead is not counted either', async (t) => {
  const port = await serve(t, (_request, response) => response.end('fine'))
  const outcome = await new LoadRun(
    job(t, port, [get], { rate: 500, lead: 0.2, seconds: 0.4 }),
    new Map(),
  ).run()
  t.equal(outcome.requests, 200)
})

t.test('at a fixed rate a pause of the server counts for all who were due in it', async (t) => {
  let pausedUntil = 0
  const port = await serve(t, (_request, response) => {
    const now = performance.now()
    if (pausedUntil === 0) pausedUntil = now + 200
    setTimeout(() => response.end('fine'), Math.max(0, pausedUntil - now))
  })
  const outcome = await new LoadRun(job(t, port, [get], { rate: 500, seconds: 0.5 }), new Map()).run()
  t.equal(outcome.requests, 250, 'every arrival is answered')
  // 100 of the 250 were due in the pause; a generator that waits with the server would show its four connections only.
  t.ok(outcome.latency.p90 > 120_000, `p90 ${outcome.latency.p90} µs`)
})

t.test('with a chain each request carries a value of the answer before', async (t) => {
  const used = new Set<string>()
  let twice = 0
  let next = 100_000
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await textOf(request)
    if (used.has(body)) twice += 1
    used.add(body)
    next += 1
    response.end(JSON.stringify({ token: String(next) }))
  }
  const port = await serve(t, (request, response) => void answer(request, response))
  const requests = ['000001', '000002', '000003', '000004'].map((token) =>
    requestText({ method: 'POST', path: '/', host: 'here', body: `token=${token}` }),
  )
  const chain = { after: '"token":"', into: 'token=' }
  const chained = new Map<number, Buffer>()
  const run = {
    ...job(t, port, requests, { seconds: 0.5 }),
    chain,
    expect: { status: 200, contains: 'token' },
  }
  await new LoadRun(run, chained).run()
  await new LoadRun(run, chained).run()
  t.ok(used.size > 8)
  t.equal(twice, 0, 'no token is used twice, over runs too')
})

async function textOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}
