import t from 'tap'
import { smoke } from './command.ts'

t.test('a store that grows is measured', async (t) => {
  await smoke(t, 'growth', ['accounts'], ['growth'])
})
