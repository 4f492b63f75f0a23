import { CompiledQuery, Kysely, loadPostgresDialect, sql, SqliteDialect } from '@gatehouse/kit/store/kysely'
import { createRequire } from 'node:module'
import t from 'tap'

t.test('what is loaded in parts is what the whole exports', (t) => {
  // As it is loaded there.
  const kysely: typeof import('kysely') = createRequire(import.meta.url)('kysely')
  t.equal(Kysely, kysely.Kysely)
  t.equal(SqliteDialect, kysely.SqliteDialect)
  t.equal(loadPostgresDialect(), kysely.PostgresDialect)
  t.equal(CompiledQuery, kysely.CompiledQuery)
  t.equal(sql, kysely.sql)
  t.end()
})
