import { Problem } from '@gatehouse/kit/errors'

/** One field of a submitted form: the empty string when it is missing. @throws Problem when it is there twice */
export function field(body: unknown, name: string): string {
  if (typeof body !== 'object' || body === null || !Object.hasOwn(body, name)) return ''
  const value: unknown = Object.entries(body).find(([key]) => key === name)?.[1]
  if (typeof value !== 'string')
    throw new Problem('invalid_request', { detail: 'A field was sent more than once.' })
  return value
}
