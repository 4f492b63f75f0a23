import type { Kysely } from 'kysely'
import { idHash } from './hash.ts'
import type { IdpTables } from './tables.ts'

/** Access tokens that were given back before their time, in the table of everything that is remembered until it expires. */
export async function rememberRevoked(db: Kysely<IdpTables>, jti: string, expiresAt: number): Promise<void> {
  await db
    .insertInto('replays')
    .values({ id_hash: nameOf(jti), expires_at: expiresAt })
    .onConflict((conflict) => conflict.column('id_hash').doNothing())
    .execute()
}

/** @returns whether one of these was */
export async function isRevoked(db: Kysely<IdpTables>, jtis: readonly string[]): Promise<boolean> {
  const row = await db
    .selectFrom('replays')
    .select('id_hash')
    .where('id_hash', 'in', jtis.map(nameOf))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

function nameOf(jti: string): string {
  return idHash(JSON.stringify(['revoked access token', jti]))
}
