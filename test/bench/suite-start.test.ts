import t from 'tap'
import { smoke } from './command.ts'

t.test('the start of the gateway is measured', async (t) => {
  await smoke(t, 'start', ['gateway'], ['ready.gateway'])
})
