/** `aud` of access tokens, the default resource of Gatehouse. */
export const audience = 'urn:gatehouse:api'
/** The scope that the benched routes demand. */
export const scope = 'orders:read'
/** The workload that the bench's upstream stands in for. */
export const upstreamName = 'orders'
export const trustDomain = 'gatehouse.local'
