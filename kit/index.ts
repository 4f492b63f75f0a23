/**
 * What a service behind Gatehouse is written with. Everything else of the kit is reachable as `@gatehouse/kit/<path>`:
 * `store/open` for a database, `testing` for its tests, `guard/node` and `guard/fetch` for servers that are not Fastify.
 * Nothing here loads what only some services need.
 */
export { startService, type RunningService, type ServiceDeps, type ServiceOptions } from './service.ts'
export { runService } from './service/run.ts'
export { openWorkload, type Workload, type WorkloadOptions } from './workload.ts'
export { contextFromEnvironment, type ServiceContext } from './service/context.ts'

export { onOwnBehalf, ownedBy, requireOwner, type Caller } from './guard/caller.ts'
export { guardPlugin, type GuardPluginOptions } from './guard/fastify.ts'
export type { Guard } from './guard/guard.ts'
export type { RouteGuard } from './guard/rule.ts'
export type { Schema, Static } from './schema.ts'
export { Type } from './schema.ts'
export { conforms } from './conforms.ts'

export { CallError, type Call, type CallAnswer, type CallErrorCode, type CallRequest } from './call.ts'
export type { OwnCall } from './call/own.ts'
export { Problem, StartError, type FieldFault, type ProblemCode, type ProblemOptions } from './errors.ts'
export { systemClock, type Clock } from './clock.ts'
export type { Logger } from './log.ts'

// What its handlers are written in, in the version that the kit was tested with.
export type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
