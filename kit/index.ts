/**
 * What a service behind Gatehouse is written with. Everything else of the kit is reachable as
 * `@gatehouse/kit/<path>`.
 */
export { startService, type ServiceDeps, type ServiceOptions } from './service.ts'
export {
  contextFromEnvironment,
  runPart,
  type PartContext,
  type PartName,
  type RunningPart,
} from './lifecycle.ts'

export { ownedBy, type Caller } from './guard/caller.ts'
export { guardPlugin, type GuardPluginOptions } from './guard/fastify.ts'
export { createGuard, type Guard, type GuardOptions } from './guard/guard.ts'
export type { RouteGuard } from './guard/rule.ts'

export { CallError, type Call, type CallAnswer, type CallErrorCode, type CallRequest } from './call.ts'
export { Problem, StartError, type FieldFault, type ProblemCode, type ProblemOptions } from './errors.ts'

export { isUniqueViolation, openStore, type Migration, type Store } from './store/open.ts'
export { MasterKey } from './secrets.ts'
export { systemClock, type Clock } from './clock.ts'
export type { Logger } from './log.ts'

// What its handlers, schemas and queries are written in, in the versions that the kit was tested with.
export type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
export { sql, type Kysely, type Transaction } from 'kysely'
export { Type, type Static } from 'typebox'
export { Compile } from 'typebox/compile'
