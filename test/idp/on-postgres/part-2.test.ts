import t from 'tap'
import { runSuites } from './suites.ts'

t.test('the suites of the identity server on PostgreSQL, part 2 of 6', { timeout: 290_000 }, (t) =>
  runSuites(t, 1),
)
