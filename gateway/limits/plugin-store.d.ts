// The plugin's counters in memory. Its types leave them out.
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
