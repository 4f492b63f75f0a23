import type { DetailTypeConfig } from '@gatehouse/kit/config/types-protocol'
import { isDetails } from './granted.ts'

type Types = Readonly<Record<string, DetailTypeConfig>>

/** One authorization detail as people read it. */
export interface DetailWords {
  readonly words: string
  readonly type: string
  readonly lines: readonly { readonly name: string; readonly value: string }[]
}

/** All that a request's `authorization_details` say, in the words of the configuration: nothing asked for is hidden. */
export function detailWords(types: Types, asked: unknown): readonly DetailWords[] {
  if (typeof asked !== 'string') return []
  const details: unknown = JSON.parse(asked)
  if (!isDetails(details)) return []
  return details.map((detail) => {
    const { type, ...fields } = detail
    const known = Object.hasOwn(types, type) ? types[type] : undefined
    const lines = Object.entries(fields).map(([name, value]) => ({
      name: known?.fields[name]?.words ?? name,
      value: inWords(value),
    }))
    return { words: known?.words ?? type, type, lines }
  })
}

function inWords(value: unknown): string {
  if (value === true) return 'yes'
  if (value === false) return 'no'
  if (Array.isArray(value)) return value.map(String).join(', ')
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value)
}
