import { performance } from 'node:perf_hooks'

/** Tells, again and again, how late the event loop is in milliseconds. @returns stops it. */
export type LagSource = (tell: (lagMs: number) => void) => () => void

const everyMs = 100

/** By how much a timer is late: what every request waits before anybody looks at it. */
export const eventLoopLag: LagSource = (tell) => {
  let due = performance.now() + everyMs
  const timer = setInterval(() => {
    const now = performance.now()
    tell(Math.max(0, now - due))
    due = now + everyMs
  }, everyMs).unref()
  return () => clearInterval(timer)
}
