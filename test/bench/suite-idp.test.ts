import t from 'tap'
import { smoke } from './command.ts'

t.test('the token endpoint is measured', async (t) => {
  await smoke(t, 'idp', ['secret'], ['idp.secret'])
})
