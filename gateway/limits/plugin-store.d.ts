// The plugin's counters in memory and in Redis. Its types leave them out.
declare module '@fastify/rate-limit/store/LocalStore.js' {
  interface Count {
    /** Requests in the window, this one included. */
    readonly current: number
    /** Milliseconds until the window ends. */
    readonly ttl: number
  }
  type Then = (error: Error | null, count: Count) => void

  export default class LocalStore {
    constructor(continueExceeding: boolean, exponentialBackoff: boolean, keys: number)
    /** Calls `then` before it returns. */
    incr(key: string, then: Then, windowMs: number, max: number): void
    /** The same, and counts nothing. */
    read(key: string, then: Then, windowMs: number, max: number): void
  }
}

declare module '@fastify/rate-limit/store/RedisStore.js' {
  type Then = (error: Error | null, count: { readonly current: number; readonly ttl: number } | null) => void

  export default class RedisStore {
    /** @param client of ioredis or iovalkey; @param prefix of its keys. */
    constructor(continueExceeding: boolean, exponentialBackoff: boolean, client: object, prefix: string)
    incr(key: string, then: Then, windowMs: number, max: number): void
    /** The same, and counts nothing. */
    read(key: string, then: Then, windowMs: number, max: number): void
  }
}
