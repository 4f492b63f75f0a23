import t from 'tap'
import { textField } from '../harness/json.ts'
import { newTokens } from '../idp/native.ts'
import { cliFor, jsonLines } from './admin.ts'

t.test('accounts: made, given a password by stdin, roles, shut out, deleted', async (t) => {
  const { cli } = await cliFor(t)
  const made = await cli('accounts create dora --roles customer,support --json')
  t.match(textField(jsonLines(made)[0], 'password'), /^.{20}$/)
  t.match(await cli('accounts set-password dora --password-stdin', 'not for the list of processes\n'), {
    code: 0,
    out: 'username: dora\n',
  })
  t.match(await cli('accounts set-password dora --password-stdin', ''), { code: 1, err: /holds no password/ })
  t.match((await cli('accounts roles dora --roles support')).out, /roles: support\n/)
  t.match(await cli('accounts claims dora', '{"given_name": "Dora"}'), {
    code: 0,
    out: /claims: .*Dora/,
  })
  const zoe = Buffer.from('{"given_name": "Zo\u{eb}"}')
  t.match(
    await cli('accounts claims dora', [zoe.subarray(0, -3), zoe.subarray(-3)]),
    { code: 0, out: /claims: .*Zo\u{eb}"/u },
    'a letter may arrive in two parts',
  )
  t.match(await cli('accounts claims dora', 'Dora'), { code: 1, err: /holds no JSON/ })
  t.match(await cli('accounts claims dora', '[]'), { code: 1, err: /holds no JSON object/ })
  t.match((await cli('accounts disable dora')).out, /disabled: true\n/)
  t.match((await cli('accounts list --role support')).out, /carol.*\ndora/)
  t.equal((await cli('accounts delete dora')).code, 0)
  t.match(await cli('accounts show dora'), { code: 1, err: /there is no account 'dora'\n.*`accounts` shows/ })
})

t.test('grants and sessions: shown and ended; the audit log tells who did it', async (t) => {
  const { platform, cli } = await cliFor(t)
  await newTokens(platform)
  for (const [list, end] of [
    ['grants', 'revoke'],
    ['sessions', 'end'],
  ]) {
    const [found] = jsonLines(await cli(`${list} --q alice --json`))
    t.equal((await cli(`${list} ${end} ${textField(found, 'id')}`)).code, 0)
    t.match(await cli(`${list} list`), { out: '', err: 'none\n' })
  }
  t.match((await cli('audit --q session.ended')).out, /session\.ended +gatehouse-cli +acc-alice/)
  t.match(await cli('audit verify'), { code: 0, out: /^ok: true\n/ })
})
