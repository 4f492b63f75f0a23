import t from 'tap'
import { smoke } from './command.ts'

t.test('a session is measured', async (t) => {
  await smoke(t, 'sessions', ['sqlite'], ['session.sqlite'])
})
