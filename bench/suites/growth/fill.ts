export type StoreKind = 'sessions' | 'accounts' | 'grants'

const scatter = 2_654_435_761
/** A sealed record of a session or grant is about as long. */
const sealed = 'hex(zeroblob(300))'
const farAhead = 9_000_000_000_000

/** The key of the nth row: no two are the same, and neighbours are far apart, as keys that are hashes are. */
export function keyOf(n: number): string {
  return (Math.imul(n, scatter) >>> 0).toString(16).padStart(8, '0')
}

/** A statement that puts in rows number `from` to `to - 1`. */
export function fillOf(kind: StoreKind, from: number, to: number): string {
  const rows = `WITH RECURSIVE row(n) AS (SELECT ${from} UNION ALL SELECT n + 1 FROM row WHERE n + 1 < ${to}),
    keyed AS (SELECT printf('%08x', (n * ${scatter}) & 4294967295) AS key FROM row)`
  return `${rows} ${inserts[kind]} FROM keyed`
}

const inserts: Readonly<Record<StoreKind, string>> = {
  sessions: `INSERT INTO sessions
    (id_hash, sid, sub, record, version, last_seen_at, ends_at, lease_until, lease_owner)
    SELECT key, 'sid-' || key, 'sub-' || key, ${sealed}, 1, 0, ${farAhead}, 0, ''`,
  accounts: `INSERT INTO accounts
    (id, username, name, email_sealed, password_hash, roles, disabled, created_at, updated_at)
    SELECT key, 'person-' || key, 'Person', NULL, 'none', '[]', 0, 0, 0`,
  grants: `INSERT INTO artifacts
    (model, id_hash, payload_sealed, grant_hash, uid_hash, user_code_hash, account_id, client_id, consumed_at, expires_at)
    SELECT 'Grant', key, ${sealed}, key, NULL, NULL, key, 'bench', NULL, ${farAhead}`,
}
