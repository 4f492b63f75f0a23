import { readFileSync } from 'node:fs'
import t from 'tap'
import { Problem, problemJson, problems, StartError } from '@gatehouse/kit/errors'

t.test('docs/errors.md lists exactly the codes there are, with their status and title', async (t) => {
  const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8')
  const rows = [...page.matchAll(/^\| `([a-z_]+)` \| (\d{3}) \| ([^|]+?) \|/gm)]
  const documented = rows.map(([, code, status, title]) => ({ code, status: Number(status), title }))
  const actual = Object.entries(problems).map(([code, problem]) => ({ code, ...problem }))
  const byCode = (a: { code: string | undefined }, b: { code: string | undefined }) =>
    String(a.code).localeCompare(String(b.code))
  t.strictSame(documented.toSorted(byCode), actual.toSorted(byCode))
  t.ok(documented.length > 20, 'rows were found')
})

t.test('problem details carry the members of RFC 9457 and ours, and nothing else', async (t) => {
  const problem = new Problem('validation_failed', {
    detail: 'quantity is wrong',
    faults: [{ path: '/quantity', message: 'is required' }],
    cause: new Error('secret cause'),
  })
  t.strictSame(JSON.parse(problemJson(problem, 'txn_1')), {
    type: 'urn:gatehouse:problem:validation_failed',
    title: 'The input is not valid',
    status: 422,
    code: 'validation_failed',
    detail: 'quantity is wrong',
    txn: 'txn_1',
    errors: [{ path: '/quantity', message: 'is required' }],
  })
})

t.test('members without a value are left out', async (t) => {
  const body: unknown = JSON.parse(problemJson(new Problem('not_found'), 'txn_2'))
  t.strictSame(Object.keys(Object(body)), ['type', 'title', 'status', 'code', 'txn'])
})

t.test('a StartError has a line and a hint', async (t) => {
  const error = new StartError('port 1 is taken', { hint: 'choose another' })
  t.match(error, { message: 'port 1 is taken', hint: 'choose another', name: 'StartError' })
})
