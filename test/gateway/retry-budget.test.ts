import t from 'tap'
import { isRepeatable } from '../../gateway/upstream/repeatable.ts'
import { RetryBudget } from '../../gateway/upstream/retry-budget.ts'

t.test('when everything fails, a fifth is repeated and no more', async (t) => {
  const budget = new RetryBudget(20)
  let repeated = 0
  for (let request = 0; request < 1000; request++) {
    budget.earn()
    if (budget.spend()) repeated++
  }
  t.ok(repeated >= 200 && repeated <= 211, `${repeated} of 1,000`)
})

t.test('a quiet service has a small reserve, and a busy one cannot save up for a storm', async (t) => {
  const quiet = new RetryBudget(20)
  t.same(Array.from({ length: 12 }, () => quiet.spend()).filter(Boolean).length, 10)
  const busy = new RetryBudget(100)
  for (let request = 0; request < 10_000; request++) busy.earn()
  t.equal(Array.from({ length: 200 }, () => busy.spend()).filter(Boolean).length, 100)
})

t.test('what may be repeated', async (t) => {
  const error = (code: string) => Object.assign(new Error('it failed'), { code })
  const get = { wasSent: true, method: 'GET', hasBody: false }
  t.ok(isRepeatable(error('UND_ERR_SOCKET'), get))
  t.ok(isRepeatable(error('ECONNRESET'), { ...get, method: 'DELETE' }))
  t.ok(
    isRepeatable(error('ECONNREFUSED'), { wasSent: false, method: 'POST', hasBody: true }),
    'nothing was sent',
  )
  t.notOk(isRepeatable(error('ECONNRESET'), { ...get, method: 'POST' }))
  t.notOk(isRepeatable(error('ECONNRESET'), { ...get, method: 'PATCH' }))
  t.notOk(isRepeatable(error('ECONNRESET'), { ...get, method: 'PUT', hasBody: true }), 'its body is gone')
  t.notOk(isRepeatable(error('UND_ERR_HEADERS_TIMEOUT'), get), 'time is up')
  t.notOk(isRepeatable(error('HPE_INVALID_CONSTANT'), get), 'garbage')
})
