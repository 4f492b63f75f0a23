import { Problem } from '@gatehouse/kit/errors'
import type { Stage } from '../pipeline/context.ts'

/** Whether what was taken away lately may be unknown here. */
export interface News {
  isStale(): boolean
}

/** Without news of what was taken away, a route serves or refuses, as its configuration says. */
export function withNews(news: News): Stage {
  return ({ route }) => {
    if (route.whenStale === 'serve' || !news.isStale()) return undefined
    return new Problem('revocation_stale', { headers: { 'retry-after': '1' } })
  }
}
