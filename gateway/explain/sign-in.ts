import { Problem } from '@gatehouse/kit/errors'
import type { RequestContext } from '../pipeline/context.ts'
import { toLogin } from '../pipeline/to-login.ts'
import { requestOf, type Question } from './question.ts'

export interface SentToSignIn {
  readonly status: 303
  readonly location: string
}

/** What becomes of a request that is refused, as the public door has it. */
export interface Refused {
  readonly status: number
  readonly code: string
  /** The request is a browser's that opens a page, which is sent to sign in. */
  readonly location?: string
  /** It is not, and this is what such a one would get. */
  readonly navigation?: SentToSignIn
}

export function refused(question: Question, context: RequestContext, problem: Problem): Refused {
  const { status, code } = problem
  const asked = sentToSignIn(question, context, problem)
  if (asked !== undefined) return { ...asked, code }
  // With another protocol, nobody opens a page.
  if (context.request.headers.upgrade !== undefined) return { status, code }
  const opened = requestOf({ ...question, headers: { accept: 'text/html' } }, '')
  const navigation = sentToSignIn(question, { ...context, request: opened }, problem)
  return navigation === undefined ? { status, code } : { status, code, navigation }
}

function sentToSignIn(
  { token }: Question,
  { request, route, caller }: RequestContext,
  problem: Problem,
): SentToSignIn | undefined {
  if (token !== undefined || caller?.authn === 'bearer') return undefined
  const answer = toLogin(problem, request, route)
  return answer instanceof Problem ? undefined : { status: 303, location: answer.location }
}
