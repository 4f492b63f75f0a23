export * from '../../gateway/upstream/exchange.ts'

// Sets no timer of the length of the time limit of the benched route.

const routeTimeoutMs = 30_000
const real = globalThis.setTimeout
const never = real(() => undefined, 2 ** 31 - 1).unref()

function setTimeoutBut(run: (...given: unknown[]) => void, ms?: number, ...given: unknown[]): NodeJS.Timeout {
  return ms === routeTimeoutMs ? never : real(run, ms, ...given)
}

Reflect.set(globalThis, 'setTimeout', Object.assign(setTimeoutBut, real))
