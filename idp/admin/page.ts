import type { AdminCall } from '@gatehouse/kit/admin/route'
import { Problem } from '@gatehouse/kit/errors'
import { sql } from '@gatehouse/kit/store/kysely'
import type { RawBuilder } from 'kysely'

/** One page of a list, asked for by `?limit=&after=&q=`. */
export interface PageRequest {
  readonly limit: number
  /** The last key of the page before. */
  readonly after: string | undefined
  /** What is searched. */
  readonly q: string
}

const defaultLimit = 50
const maxLimit = 200

export const pageQuery = {
  limit: `how many at most, 1 to ${maxLimit}; default ${defaultLimit}`,
  after: 'what `next` of the page before said',
  q: 'only what contains this text',
}

/** @throws Problem `invalid_request` */
export function readPage(call: AdminCall): PageRequest {
  const text = call.query('limit')
  const limit = text === undefined ? defaultLimit : Number(/^\d{1,3}$/.exec(text)?.[0])
  if (!(limit >= 1 && limit <= maxLimit)) {
    const message = `must be a number from 1 to ${maxLimit}`
    throw new Problem('invalid_request', { faults: [{ in: 'query', path: '/limit', message }] })
  }
  return { limit, after: call.query('after'), q: call.query('q') ?? '' }
}

/** @param rows one more than fits, if there is one more */
export function pageOf<Row>(
  rows: readonly Row[],
  { limit }: PageRequest,
  keyOf: (row: Row) => string,
  viewOf: (row: Row) => unknown,
): { readonly items: readonly unknown[]; readonly next?: string } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const items = shown.map(viewOf)
  return rows.length > limit && last !== undefined ? { items, next: keyOf(last) } : { items }
}

/** Whether a text has in it what is searched. SQLite has small letters for A to Z only: others are found as they are typed. */
export function contains(text: RawBuilder<unknown>, { q }: PageRequest): RawBuilder<boolean> {
  const [small, typed] = [likePattern(q.toLowerCase()), likePattern(q)]
  return sql<boolean>`(lower(${text}) like ${small} escape '!' or ${text} like ${typed} escape '!')`
}

/** In a LIKE with `escape '!'`. */
function likePattern(q: string): string {
  return `%${q.replaceAll(/[!%_]/g, (found) => `!${found}`)}%`
}
