import t from 'tap'
import { smoke } from './command.ts'

t.test('a revocation is measured', async (t) => {
  await smoke(t, 'revocation', [], ['revocation.p99'])
})
