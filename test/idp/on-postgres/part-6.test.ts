import t from 'tap'
import { runSuites } from './suites.ts'

t.test('the suites of the identity server on PostgreSQL, part 6 of 6', { timeout: 290_000 }, (t) =>
  runSuites(t, 5),
)
