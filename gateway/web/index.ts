import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '@gatehouse/kit/clock'
import { Problem } from '@gatehouse/kit/errors'
import type { SessionPart, SessionView } from '../sessions/index.ts'
import { singleParameter } from '../sessions/query.ts'
import { registerAssets } from './assets.ts'
import { createFailurePage } from './failure-page.ts'
import { registerForms } from './forms.ts'
import type { OwnApi } from './own-api.ts'
import { createPages, pageHeaders, sendPage } from './pages.ts'
import { type RuleEntry, rulesFor } from './rules.ts'
import { shopView } from './shop.ts'
import { browserWords, methodWords, timeWords } from './words.ts'

export interface WebDeps {
  readonly issuer: string
  readonly origin: string
  readonly clock: Clock
  readonly sessions: Pick<SessionPart, 'view'>
  readonly api: OwnApi
  /** The routes in force. */
  rules(): readonly RuleEntry[]
}

/** The small web app at `/`, which shows the browser flow. */
export function registerWeb(app: FastifyInstance, deps: WebDeps): void {
  const pages = createPages()
  const headers = pageHeaders(deps.issuer)
  const failurePage = createFailurePage(deps.issuer)
  registerAssets(app)
  registerForms(app, { ...deps, failurePage })
  app.get('/', async (request, reply) => {
    const view = await viewOrFailure(deps, request)
    if (view instanceof Problem) return failurePage(reply, { problem: view, txn: request.id, retry: '/' })
    if (view === undefined) return sendPage(reply, 200, headers, pages.render('signed-out', {}))
    return sendPage(reply, 200, headers, pages.render('signed-in', await signedIn(deps, request, view)))
  })
}

async function viewOrFailure(
  { sessions }: WebDeps,
  request: FastifyRequest,
): Promise<SessionView | Problem | undefined> {
  try {
    return await sessions.view(request.raw)
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}

async function signedIn(
  deps: WebDeps,
  request: FastifyRequest,
  { info, csrf, caller, sessions }: SessionView,
): Promise<object> {
  const shop = await shopView(deps.api, request)
  const confirm = singleParameter(request.raw.url, 'confirm')
  return {
    ...shop,
    when: timeWords,
    info,
    csrf,
    scopes: info.scope.split(' ').filter((scope) => scope !== ''),
    signedInAt: info.auth_time === undefined ? undefined : new Date(info.auth_time * 1000).toISOString(),
    signedInBy: methodWords(info.amr ?? []),
    // Only what is there: a link can be made by anybody, and is no order.
    confirm: shop.orders?.find(({ id }) => id === confirm),
    sessions: sessions.map((one) => ({ ...one, browser: browserWords(one.user_agent) })),
    rules: rulesFor(deps.rules(), caller, deps.clock),
  }
}
