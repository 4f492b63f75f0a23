import { Type } from '../schema.ts'
import type { FormName } from './forms.ts'

/** A text of one of the forms in forms.ts. `description` and `default` feed the configuration reference. */
export function text(form: FormName, description: string, fallback?: string) {
  return Type.String({ form, description, ...(fallback === undefined ? {} : { default: fallback }) })
}

export function optional(form: FormName, description: string, fallback: string) {
  return Type.Optional(text(form, description, fallback))
}

export function texts(form: FormName, description: string, minItems: number) {
  return Type.Array(Type.String({ form }), { description, minItems })
}

/** A whole number that may be left out. */
export function count(description: string, minimum: number, maximum: number, fallback: number) {
  return Type.Optional(Type.Integer({ description, minimum, maximum, default: fallback }))
}

/** No other keys than these. */
export const closed = { additionalProperties: false } as const
