import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import type { SessionPart, SessionView } from '../sessions/index.ts'
import { registerAssets } from './assets.ts'
import { createFailurePage } from './failure-page.ts'
import { createPages, pageHeaders, sendPage } from './pages.ts'

export interface WebDeps {
  readonly issuer: string
  readonly sessions: Pick<SessionPart, 'view'>
}

/** The small web app at `/`, which shows the browser flow. */
export function registerWeb(app: FastifyInstance, deps: WebDeps): void {
  const pages = createPages()
  const headers = pageHeaders(deps.issuer)
  const failurePage = createFailurePage(deps.issuer)
  registerAssets(app)
  app.get('/', async (request, reply) => {
    const view = await viewOrFailure(deps, request)
    if (view instanceof Problem) return failurePage(reply, { problem: view, txn: request.id, retry: '/' })
    return sendHome(reply, headers, pages, view)
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

function sendHome(
  reply: FastifyReply,
  headers: Readonly<Record<string, string>>,
  pages: ReturnType<typeof createPages>,
  view: SessionView | undefined,
): FastifyReply {
  if (view === undefined) return sendPage(reply, 200, headers, pages.render('signed-out', {}))
  const { info, csrf } = view
  const signedInAt = info.auth_time === undefined ? undefined : new Date(info.auth_time * 1000).toISOString()
  const scopes = info.scope.split(' ').filter((scope) => scope !== '')
  return sendPage(reply, 200, headers, pages.render('signed-in', { info, csrf, scopes, signedInAt }))
}
