import type { IncomingMessage } from 'node:http'
import type { onRequestHookHandler } from 'fastify'
import { Problem } from '@gatehouse/kit/errors'
import { cookieValues, sessionCookie } from './cookies.ts'
import { foreignOrigin, isCsrfToken } from './csrf.ts'

/** Whether a script of our own origin sent it: nothing else can send this header here. */
export function isScripted(request: IncomingMessage): boolean {
  return request.headers['x-csrf'] === '1'
}

/** Refuses other sites before a body is read: only our own forms come without the header. */
export function ownForm(origin: string): onRequestHookHandler {
  return (request, _reply, done) => {
    const { method, headers } = request.raw
    const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true
    const detail =
      foreignOrigin(method, headers, origin) ??
      (isScripted(request.raw) || isForm ? undefined : 'The request needs the header X-CSRF: 1')
    done(detail === undefined ? undefined : new Problem('csrf_rejected', { detail }))
  }
}

/**
 * A form carries in `csrf` what only a page of this session can know; a script needs no more than its header.
 * @throws Problem `csrf_rejected`
 */
export function requireOwnForm(request: IncomingMessage, body: unknown): void {
  if (isScripted(request)) return
  const [sessionId] = cookieValues(request.headers.cookie, sessionCookie)
  if (sessionId === undefined || isCsrfToken(fieldOf(body, 'csrf'), sessionId)) return
  throw new Problem('csrf_rejected', { detail: 'The form is not one of this session; reload the page' })
}

/** A field of a form or a member of a JSON body; anything but one text is nothing. */
export function fieldOf(body: unknown, name: string): string | undefined {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return undefined
  const value: unknown = Reflect.get(body, name)
  return typeof value === 'string' ? value : undefined
}
