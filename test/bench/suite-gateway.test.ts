import t from 'tap'
import { smoke } from './command.ts'

t.test('tokens in rotation are measured', async (t) => {
  await smoke(t, 'gateway', ['rotation'], ['rotation.bare'])
})
