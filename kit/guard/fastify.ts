import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Caller } from './caller.ts'
import type { Guard } from './guard.ts'
import { admit, compileRule, type RouteGuard, type Rule } from './rule.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who is calling. Reading it on a public route is an error: nobody was asked. */
    readonly caller: Caller
  }
  interface FastifyContextConfig {
    guard?: RouteGuard
    /** What it does, in one line of the service's OpenAPI description. */
    summary?: string
  }
}

export interface GuardPluginOptions {
  readonly guard: Guard
  /** Filled with the caller of each request, for those who log: give your own to read it. */
  readonly callers?: WeakMap<FastifyRequest, Caller>
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
  const callers = options.callers ?? new WeakMap<FastifyRequest, Caller>()
  const gate = new Gate(options.guard, callers)

  app.addHook('onRoute', (route) => {
    compileRule(route.config?.guard, `${String(route.method)} ${route.url}`)
  })
  app.decorateRequest('caller', {
    getter(this: FastifyRequest): Caller {
      const caller = callers.get(this)
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
  readonly #callers: WeakMap<FastifyRequest, Caller>
  readonly #rules = new WeakMap<object, Rule | 'public'>()

  constructor(guard: Guard, callers: WeakMap<FastifyRequest, Caller>) {
    this.#guard = guard
    this.#callers = callers
  }

  /** @throws Problem, at once or later: who may not enter. */
  enter(request: FastifyRequest): Promise<void> | undefined {
    // An unknown path is answered 404 without asking who wants it.
    if (request.is404) return undefined
    const rule = this.#ruleOf(request)
    if (rule === 'public') return undefined
    const outcome = this.#guard.authenticate(request.raw)
    if (outcome instanceof Promise) return outcome.then((caller) => this.#admit(request, caller, rule))
    this.#admit(request, outcome, rule)
    return undefined
  }

  #admit(request: FastifyRequest, caller: Caller, rule: Rule): void {
    // Before the rule, so that the log says who was refused.
    this.#callers.set(request, caller)
    admit(caller, rule)
  }

  #ruleOf(request: FastifyRequest): Rule | 'public' {
    const config = request.routeOptions.config
    const known = this.#rules.get(config)
    if (known !== undefined) return known
    const rule = compileRule(config.guard, `${String(config.method)} ${config.url}`)
    this.#rules.set(config, rule)
    return rule
  }
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
