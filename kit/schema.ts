/**
 * The little of JSON Schema (draft 2020-12) that configuration, routes and stored records are described with, and the
 * TypeScript types that belong to it. It is written here because every process loads it: TypeBox, whose words these
 * are, takes 130 ms of CPU at each start, this takes one. A schema of TypeBox is as good in a route.
 */

declare const shape: unique symbol
const omittable: unique symbol = Symbol('optional')

/** A JSON Schema; `T` is the type of the values that {@link conforms} lets through. */
export interface Schema<T = unknown> {
  readonly [shape]?: T
  readonly [omittable]?: true
  readonly type?: string
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly items?: Schema
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minProperties?: number
  readonly pattern?: string
  readonly format?: string
  /** One of the forms of the configuration (kit/config/forms.ts); no keyword of JSON Schema. */
  readonly form?: string
  readonly description?: string
  readonly default?: unknown
}

/** The type that a schema describes. */
export type Static<S> = S extends Schema<infer T> ? T : never

type Fields = Readonly<Record<string, Schema>>
type OptionalKey<P> = { [K in keyof P]: P[K] extends { readonly [omittable]: true } ? K : never }[keyof P]
type Flat<T> = { [K in keyof T]: T[K] }
type StaticObject<P> = Flat<
  { [K in Exclude<keyof P, OptionalKey<P>>]: Static<P[K]> } & { [K in OptionalKey<P>]?: Static<P[K]> }
>

/** Annotations and the keywords that narrow a type further. */
type Keywords = Omit<Schema, typeof shape | typeof omittable | 'type' | 'const' | 'anyOf' | 'required'>

export const Type = {
  String: (keywords: Keywords = {}): Schema<string> => ({ type: 'string', ...keywords }),
  Integer: (keywords: Keywords = {}): Schema<number> => ({ type: 'integer', ...keywords }),
  Number: (keywords: Keywords = {}): Schema<number> => ({ type: 'number', ...keywords }),
  Boolean: (keywords: Keywords = {}): Schema<boolean> => ({ type: 'boolean', ...keywords }),
  Null: (): Schema<null> => ({ type: 'null' }),
  Unknown: (): Schema => ({}),

  Literal: <const V extends string | number | boolean>(value: V): Schema<V> => ({
    type: typeof value,
    const: value,
  }),

  Union: <const S extends readonly Schema[]>(
    choices: S,
    keywords: Keywords = {},
  ): Schema<Static<S[number]>> => ({
    anyOf: choices,
    ...keywords,
  }),

  Array: <S extends Schema>(items: S, keywords: Keywords = {}): Schema<Static<S>[]> => ({
    type: 'array',
    items,
    ...keywords,
  }),

  /** Any names that fit `names.pattern`. */
  Record: <S extends Schema>(
    names: Schema<string>,
    values: S,
    keywords: Keywords = {},
  ): Schema<Record<string, Static<S>>> => ({
    type: 'object',
    patternProperties: { [names.pattern ?? '^.*$']: values },
    ...keywords,
  }),

  /** Properties that may be missing are wrapped in `Optional`. */
  Object: <P extends Fields>(
    properties: P,
    keywords: Keywords = {},
  ): Schema<StaticObject<P>> & { readonly properties: P } => ({
    type: 'object',
    required: Object.keys(properties).filter((name) => properties[name]?.[omittable] !== true),
    ...keywords,
    properties,
  }),

  Optional: <S extends Schema>(schema: S): S & { readonly [omittable]: true } => ({
    ...schema,
    [omittable]: true,
  }),
} as const
