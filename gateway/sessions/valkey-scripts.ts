/**
 * What Valkey (or Redis) runs as one step. Everything hangs under one hash tag, so that a script's keys are in one slot
 * of a cluster. Times are the callers', never the server's: sessions end by the same clock wherever they are kept.
 *
 * - `session:<hash>` a hash with the columns of the row
 * - `sid:<sid>`, `sub:<sub>` sorted sets of hashes, by the session's absolute end
 * - `ends`, `seen` sorted sets of all hashes, by absolute end and by when it was last seen
 * - `once` a sorted set of what was used, by when it may be forgotten
 */
export const prefix = '{gatehouse}:'

const remove = `
local function remove(id)
  local key = '${prefix}session:' .. id
  local names = redis.call('HMGET', key, 'sid', 'sub')
  if not names[1] then return false end
  redis.call('DEL', key)
  redis.call('ZREM', '${prefix}sid:' .. names[1], id)
  redis.call('ZREM', '${prefix}sub:' .. names[2], id)
  redis.call('ZREM', '${prefix}ends', id)
  redis.call('ZREM', '${prefix}seen', id)
  return true
end
local function removeAll(ids)
  local removed = {}
  for _, id in ipairs(ids) do
    if remove(id) then removed[#removed + 1] = id end
  end
  return removed
end
`

export const scripts = {
  /** id, sid, sub, ends_at, last_seen_at, then the columns as pairs. */
  insert: `
local id = ARGV[1]
redis.call('HSET', '${prefix}session:' .. id, unpack(ARGV, 6))
redis.call('ZADD', '${prefix}sid:' .. ARGV[2], ARGV[4], id)
redis.call('ZADD', '${prefix}sub:' .. ARGV[3], ARGV[4], id)
redis.call('ZADD', '${prefix}ends', ARGV[4], id)
redis.call('ZADD', '${prefix}seen', ARGV[5], id)
return 1`,

  /** id, last_seen_at */
  touch: `
local key = '${prefix}session:' .. ARGV[1]
local seen = tonumber(redis.call('HGET', key, 'last_seen_at'))
if not seen or seen >= tonumber(ARGV[2]) then return 0 end
redis.call('HSET', key, 'last_seen_at', ARGV[2])
redis.call('ZADD', '${prefix}seen', ARGV[2], ARGV[1])
return 1`,

  /** id, version, owner, now, lease_until */
  takeLease: `
local key = '${prefix}session:' .. ARGV[1]
local row = redis.call('HMGET', key, 'version', 'lease_until')
if row[1] ~= ARGV[2] or tonumber(row[2]) > tonumber(ARGV[4]) then return 0 end
redis.call('HSET', key, 'lease_owner', ARGV[3], 'lease_until', ARGV[5])
return 1`,

  /** id, version, owner, record, next version */
  saveRenewal: `
local key = '${prefix}session:' .. ARGV[1]
local row = redis.call('HMGET', key, 'version', 'lease_owner')
if row[1] ~= ARGV[2] or row[2] ~= ARGV[3] then return 0 end
redis.call('HSET', key, 'record', ARGV[4], 'version', ARGV[5], 'lease_until', '0')
return 1`,

  /** id, owner */
  releaseLease: `
local key = '${prefix}session:' .. ARGV[1]
if redis.call('HGET', key, 'lease_owner') ~= ARGV[2] then return 0 end
redis.call('HSET', key, 'lease_until', '0')
return 1`,

  /** id */
  delete: `${remove}
return remove(ARGV[1]) and 1 or 0`,

  /** the sorted set */
  deleteBy: `${remove}
return removeAll(redis.call('ZRANGE', '${prefix}' .. ARGV[1], 0, -1))`,

  /** id, expires_at */
  useOnce: `
return redis.call('ZADD', '${prefix}once', 'NX', ARGV[2], ARGV[1])`,

  /** now, idleSince, limit */
  sweep: `${remove}
local ended = removeAll(redis.call('ZRANGEBYSCORE', '${prefix}ends', '-inf', ARGV[1], 'LIMIT', 0, ARGV[3]))
local idle = removeAll(redis.call('ZRANGEBYSCORE', '${prefix}seen', '-inf', ARGV[2], 'LIMIT', 0, ARGV[3]))
local used = redis.call('ZRANGEBYSCORE', '${prefix}once', '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
if #used > 0 then redis.call('ZREM', '${prefix}once', unpack(used)) end
return #ended + #idle + #used`,
} as const

export type ScriptName = keyof typeof scripts
