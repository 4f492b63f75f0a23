import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isProblemCode, Problem } from '@gatehouse/kit/errors'
import { fieldOf, ownForm, requireOwnForm } from '../sessions/own-form.ts'
import type { FailurePage } from './failure-page.ts'
import type { ApiAnswer, ApiRequest, OwnApi } from './own-api.ts'

const formBytes = 8 * 1024

export interface FormDeps {
  readonly api: OwnApi
  readonly origin: string
  readonly failurePage: FailurePage
}

/** What the page's forms do where no script does it: the same request to the API, and back to the page. */
export function registerForms(app: FastifyInstance, deps: FormDeps): void {
  app.register(async (scope) => {
    await scope.register(formbody, { bodyLimit: formBytes })
    scope.addHook('onRequest', ownForm(deps.origin))
    scope.setErrorHandler((error, request, reply) => {
      if (!(error instanceof Problem)) throw error
      return deps.failurePage(reply, { problem: error, txn: request.id, retry: '/' })
    })
    scope.post('/auth/shop/orders', (request, reply) => act(deps, request, reply, orderOf))
    scope.post('/auth/shop/orders/cancel', (request, reply) => act(deps, request, reply, cancellationOf))
  })
}

interface Action {
  readonly asked: ApiRequest
  /** Where the person comes back to after signing in once more, to confirm. */
  readonly returnTo: string
}

function orderOf({ body }: FastifyRequest): Action {
  const key = fieldOf(body, 'key') ?? ''
  return {
    asked: {
      method: 'POST',
      path: '/api/orders',
      body: { sku: fieldOf(body, 'sku'), quantity: Number(fieldOf(body, 'quantity')) },
      headers: /^[\w-]{1,64}$/.test(key) ? { 'idempotency-key': key } : {},
    },
    returnTo: '/',
  }
}

function cancellationOf({ body }: FastifyRequest): Action {
  const id = fieldOf(body, 'id') ?? ''
  if (!/^\w{1,64}$/.test(id)) throw new Problem('not_found')
  return { asked: { method: 'DELETE', path: `/api/orders/${id}` }, returnTo: `/?confirm=${id}` }
}

async function act(
  { api }: FormDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  actionOf: (request: FastifyRequest) => Action,
): Promise<FastifyReply> {
  requireOwnForm(request.raw, request.body)
  const { asked, returnTo } = actionOf(request)
  const answer = await api(request, asked)
  if (answer.status < 300) return reply.redirect('/', 303)
  const login = loginUrlIn(answer, returnTo)
  if (login !== undefined) return reply.redirect(login, 303)
  throw problemIn(answer)
}

/** Where the API says that signing in would help. */
function loginUrlIn({ body }: ApiAnswer, returnTo: string): string | undefined {
  const given = fieldOf(body, 'login_url')
  if (given === undefined) return undefined
  return `${given}${given.includes('?') ? '&' : '?'}${new URLSearchParams({ return_to: returnTo }).toString()}`
}

function problemIn({ body }: ApiAnswer): Problem {
  const code = fieldOf(body, 'code')
  const detail = fieldOf(body, 'detail')
  return new Problem(code !== undefined && isProblemCode(code) ? code : 'bad_gateway', { detail })
}
