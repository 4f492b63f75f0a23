import t from 'tap'
import { isRecord, textField } from '../harness/json.ts'
import { cliFor, jsonLines } from './admin.ts'

t.test('keys: both rings with states, ages and dates; turned; taken out at once', async (t) => {
  const { cli } = await cliFor(t, ['idp', 'gateway'])
  const listed = await cli('keys')
  t.match(listed.out, /^ring +kid +state +age +next +next at\n/)
  t.equal(listed.out.match(/^(idp|internal) /gm)?.length, 4)
  t.match(listed.out, /signing +\d+m +retires +\d{4}-/)
  const turned = jsonLines(await cli('keys rotate --json'))
  t.same(
    turned.map((key) => isRecord(key) && key['state']),
    ['signing', 'published', 'retiring'],
  )
  t.match(await cli('keys rotate'), { code: 1, err: /not every verifier knows the next key/ })
  const kid = textField(turned[2], 'kid')
  t.notMatch((await cli(`keys retire ${kid} --emergency`)).out, kid)
  t.match(await cli(`keys retire ${kid}`), { code: 1, err: /no ring has a key/ })
  t.match(await cli('keys rotate --ring inner'), { code: 2, err: /no ring 'inner'/ })
  t.equal((await cli('keys rotate --ring internal')).code, 0)
})

t.test('keys: the ring of a part that runs is shown while the other part does not', async (t) => {
  const { cli } = await cliFor(t)
  const listed = await cli('keys')
  t.match(listed, { code: 1, err: /nothing answers at / })
  t.equal(listed.out.match(/^idp /gm)?.length, 2)
  const [signing, next, failed] = jsonLines(await cli('keys list --json'))
  t.match([signing, next, failed], [{ ring: 'idp' }, { ring: 'idp' }, { event: 'failed' }])
})
