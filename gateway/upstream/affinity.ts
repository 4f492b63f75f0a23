import type { UpstreamConfig } from '@gatehouse/kit/config/types'

/** What keeps a request on the same target as others, where the upstream is balanced by hash. */
export function affinity(
  { balance, hashBy }: UpstreamConfig,
  of: { readonly subject: string | undefined; readonly address: string; readonly path: string },
): string | undefined {
  if (balance !== 'hash') return undefined
  return hashBy === 'subject' ? (of.subject ?? of.address) : of[hashBy]
}
