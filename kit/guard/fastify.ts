import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller } from './caller.ts'
import type { Guard } from './guard.ts'
import { admit, compileRule, type RouteGuard, type Rule } from './rule.ts'

/**
 * Who was proven to send a request; null before that, and on public routes. On the request itself, because a WeakMap of
 * requests costs the garbage collector more than the guard costs otherwise.
 */
const proven: unique symbol = Symbol('gatehouse.caller')
/** A route's rule, read once. */
const compiled: unique symbol = Symbol('gatehouse.rule')

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling. Reading it on a public route is an error: nobody was asked. */
    readonly caller: Caller
    [proven]?: Caller | null
  }
  interface FastifyContextConfig {
    guard?: RouteGuard
    /** What it does, in one line of the service's OpenAPI description. */
    summary?: string
    [compiled]?: Rule | 'public'
  }
}

export interface GuardPluginOptions {
  readonly guard: Guard
}

/** Who sent a request, if it is known: for those who log. */
export function provenCaller(request: FastifyRequest): Caller | undefined {
  return request[proven] ?? undefined
}

/**
 * Deny by default for a Fastify application: every route states `config.guard`, and a route that does not is
 * a `TypeError` when it is registered. Await its registration before you register routes: one that was
 * registered earlier is judged at its first request instead, and answers 500 if it states nothing.
 * It holds for the whole application that it is registered in, not only for a scope of its own.
 */
export const guardPlugin = Object.assign(registerGuard, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'gatehouse-guard',
})

function registerGuard(app: FastifyInstance, options: GuardPluginOptions, done: () => void): void {
  const gate = new Gate(options.guard)

  app.addHook('onRoute', (route) => {
    const rule = compileRule(route.config?.guard, `${String(route.method)} ${route.url}`)
    route.config = { ...route.config, [compiled]: rule }
  })
  app.decorateRequest(proven, null)
  app.decorateRequest('caller', {
    getter(this: FastifyRequest): Caller {
      const caller = this[proven] ?? undefined
      if (caller === undefined) throw new TypeError('request.caller was read where no caller was asked for')
      return caller
    },
  })
  app.addHook('onRequest', (request, _reply, next) => {
    let entering: Promise<void> | undefined
    try {
      entering = gate.enter(request)
    } catch (error) {
      next(asError(error))
      return
    }
    if (entering === undefined) next()
    else void whenEntered(entering, next)
  })
  done()
}

class Gate {
  readonly #guard: Guard

  constructor(guard: Guard) {
    this.#guard = guard
  }

  /** @throws Problem, at once or later: who may not enter. */
  enter(request: FastifyRequest): Promise<void> | undefined {
    // An unknown path is answered 404 without asking who wants it.
    if (request.is404) return undefined
    const rule = ruleOf(request)
    if (rule === 'public') return undefined
    const outcome = this.#guard.authenticate(request.raw)
    if (outcome instanceof Promise) return outcome.then((caller) => enterAs(caller, request, rule))
    enterAs(outcome, request, rule)
    return undefined
  }
}

function enterAs(caller: Caller, request: FastifyRequest, rule: Rule): void {
  // Before the rule, so that the log says who was refused.
  request[proven] = caller
  admit(caller, rule)
}

function ruleOf(request: FastifyRequest): Rule | 'public' {
  const config = request.routeOptions.config
  return config[compiled] ?? compileRule(config.guard, `${String(config.method)} ${config.url}`)
}

/** The exception among requests: a key that had to be fetched first. */
async function whenEntered(entering: Promise<void>, next: (error?: Error) => void): Promise<void> {
  try {
    await entering
  } catch (error) {
    next(asError(error))
    return
  }
  next()
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error('a guard threw what is not an Error', { cause: thrown })
}
