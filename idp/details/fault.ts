import type { DetailFieldConfig, DetailTypeConfig } from '@gatehouse/kit/config/types-protocol'

const maxText = 200
const maxTexts = 20

type Detail = Readonly<Record<string, unknown>>

/**
 * Why a detail is not one of its type (RFC 9396 section 5: unknown fields, missing ones, wrong kinds and values are
 * refused); undefined when it is.
 */
export function detailFault({ fields }: DetailTypeConfig, detail: Detail): string | undefined {
  const known = (name: string): boolean => name === 'type' || Object.hasOwn(fields, name)
  const unknown = Object.keys(detail).find((name) => !known(name))
  if (unknown !== undefined) return `there is no field ${JSON.stringify(unknown.slice(0, 64))}`
  for (const [name, field] of Object.entries(fields)) {
    const isGiven = Object.hasOwn(detail, name)
    if (!isGiven && field.required === true) return `${name} is missing`
    if (isGiven && !fits(field, detail[name])) return `${name} is not what it may be`
  }
  return undefined
}

function fits(field: DetailFieldConfig, value: unknown): boolean {
  switch (field.type) {
    case 'flag':
      return typeof value === 'boolean'
    case 'number':
      return isNumberOf(field, value)
    case 'text':
      return isTextOf(field, value)
    case 'texts':
      return (
        Array.isArray(value) &&
        value.length > 0 &&
        value.length <= maxTexts &&
        new Set(value).size === value.length &&
        value.every((one) => isTextOf(field, one))
      )
  }
}

function isNumberOf({ minimum, maximum }: DetailFieldConfig, value: unknown): boolean {
  return (
    typeof value === 'number' &&
    Number.isFinite(value) &&
    value >= (minimum ?? -Number.MAX_SAFE_INTEGER) &&
    value <= (maximum ?? Number.MAX_SAFE_INTEGER)
  )
}

/** People read it: no control characters, nor those that turn the direction of writing. */
function isTextOf({ oneOf }: DetailFieldConfig, value: unknown): boolean {
  if (typeof value !== 'string') return false
  if (oneOf !== undefined) return oneOf.includes(value)
  return value !== '' && value.length <= maxText && !/\p{C}/u.test(value)
}
