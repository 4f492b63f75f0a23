import t from 'tap'
import { smoke } from './command.ts'

t.test('the guard of a service is measured', async (t) => {
  await smoke(t, 'kit', ['guard'], ['guard'])
})
