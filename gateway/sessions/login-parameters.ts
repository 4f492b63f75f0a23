import { Problem } from '@gatehouse/kit/errors'
import { singleParameter } from './query.ts'

/** What a sign-in may ask of the IdP, by the names of OpenID Connect Core section 3.1.2.1, and how it must look. */
const forms = {
  acr_values: /^[\x21\x23-\x5B\x5D-\x7E]{1,200}(?: [\x21\x23-\x5B\x5D-\x7E]{1,200}){0,9}$/,
  max_age: /^\d{1,9}$/,
  prompt: /^(?:none|(?:login|consent|select_account)(?: (?:login|consent|select_account)){0,2})$/,
  ui_locales: /^[A-Za-z0-9-]{1,35}(?: [A-Za-z0-9-]{1,35}){0,9}$/,
} as const

export type LoginParameters = { readonly [Name in keyof typeof forms]?: string }

/** @throws Problem `invalid_request` */
export function readLoginParameters(url: string | undefined): LoginParameters {
  return {
    ...one(url, 'acr_values'),
    ...one(url, 'max_age'),
    ...one(url, 'prompt'),
    ...one(url, 'ui_locales'),
  }
}

function one<Name extends keyof typeof forms>(
  url: string | undefined,
  name: Name,
): { [N in Name]?: string } | object {
  const value = singleParameter(url, name)
  if (value === undefined || value === '') return {}
  if (value instanceof Problem) throw value
  if (forms[name].test(value)) return { [name]: value }
  throw new Problem('invalid_request', {
    detail: `${name} cannot be passed on`,
    faults: [
      { in: 'query', path: `/${name}`, message: 'does not have the form that OpenID Connect gives it' },
    ],
  })
}
