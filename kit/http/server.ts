import type { ServerOptions } from 'node:https'
import fastify, { LogController } from 'fastify'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  FastifyServerOptions,
} from 'fastify'
import { Problem, problemJson, problemMediaType } from '../errors.ts'
import type { Logger } from '../log.ts'
import { clientErrorHandler, connectHandler } from './client-error.ts'
import { defaultHttpLimits, type HttpLimits } from './limits.ts'
import { withoutSchemas } from './no-schemas.ts'
import { createNodeServer } from './node-server.ts'
import { problemFrom } from './problem-from.ts'
import { checkRequest } from './request-checks.ts'
import { createTxnSource } from './txn.ts'

export { listen } from './listen.ts'
export { newTxn } from './txn.ts'

/** How long requests in flight may finish once the server closes. */
const closeGraceMs = 800

export interface HttpServerOptions {
  readonly log: Logger
  /** TLS settings; without them the server speaks plain HTTP. */
  readonly https?: ServerOptions | undefined
  readonly limits?: Partial<HttpLimits> | undefined
  /**
   * A request whose headers state no body has ended as a stream before anybody sees it, which saves its events. Not where
   * something reads each body as a stream, stated or not. Default: no.
   */
  readonly endsBodiless?: boolean
  /** Whether routes may name schemas for Fastify to compile; default yes. Without, it starts sooner. */
  readonly schemas?: boolean | undefined
  /** Overrides of Fastify's options; `logger: false` saves the child logger of each request. */
  readonly fastify?: Partial<FastifyServerOptions> | undefined
}

/**
 * The one way HTTP servers are built here: every wait has a timeout, every size a limit, and every error is
 * answered as RFC 9457 problem details without a library's words. `request.id` is the transaction id.
 * Bodies are JSON only (others: 415) and validated as they are, without coercion; what a schema does not
 * know is refused. Unknown errors are logged with their stack and answered `internal_error`.
 */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const limits = { ...defaultHttpLimits, ...options.limits }
  const app: FastifyInstance = fastify({
    ...fastifyDefaults(options, limits),
    ...options.fastify,
    serverFactory: (handler) =>
      createNodeServer(handler, { limits, tls: options.https, endsBodiless: options.endsBodiless ?? false }),
  })
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((error, request, reply) => sendProblem(options.log, error, request, reply))
  app.setNotFoundHandler((request, reply) =>
    sendProblem(options.log, new Problem('not_found'), request, reply),
  )
  app.addHook('onRequest', (request, _reply, done) => done(checkRequest(request.raw, limits)))
  app.server.on('connect', connectHandler(options.log))
  app.server.on('error', (err) => {
    // One connection that the system has no memory for, say. What goes wrong before, `listen` tells.
    if (app.server.listening) options.log.error({ err }, 'a connection could not be accepted')
  })
  app.addHook('preClose', (done) => {
    // The server may have closed by then, but for the connections of its second socket (listen.ts).
    setTimeout(() => app.server.closeAllConnections(), closeGraceMs).unref()
    done()
  })
  return app
}

function fastifyDefaults(options: HttpServerOptions, limits: HttpLimits): FastifyServerOptions {
  const quiet = options.fastify?.logger === false
  const loggerInstance: FastifyBaseLogger = options.log
  return {
    ...(quiet ? {} : { loggerInstance }),
    ...(options.schemas === false ? { schemaController: withoutSchemas } : {}),
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'txn' }),
    genReqId: createTxnSource(),
    bodyLimit: limits.bodyBytes,
    // Anything else would let a caller name its own address (X-Forwarded-For).
    trustProxy: false,
    // Requests on connections that are still open while closing are served, not answered with Fastify's 503.
    return503OnClosing: false,
    // To check schemas against the schema of schemas, that one has to be compiled first, at every start.
    ajv: {
      customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false, validateSchema: false },
    },
    frameworkErrors: (error, request, reply) => void sendProblem(options.log, error, request, reply),
    clientErrorHandler: clientErrorHandler(options.log, limits),
  }
}

function sendProblem(
  log: Logger,
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const problem = problemFrom(thrown)
  if (problem.status === 500) log.error({ txn: request.id, err: problem.cause ?? problem }, 'request failed')
  if (problem.code === 'store_unavailable') log.error({ txn: request.id, err: problem.cause }, 'store lost')
  // As bytes: to a text, Fastify would add a charset, which this media type does not have (RFC 9457).
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .header('cache-control', 'no-store')
    .type(problemMediaType)
    .send(Buffer.from(problemJson(problem, request.id)))
}
