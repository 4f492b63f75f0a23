/** A module of a public plan, and our own test of what it looks at, or why there is none. */
export type Counterpart = { readonly file: string; readonly test: string } | { readonly open: string }

export type Table = Readonly<Record<string, Readonly<Record<string, Counterpart>>>>
