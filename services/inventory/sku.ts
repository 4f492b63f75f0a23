import { Type } from '@gatehouse/kit'

/** A stock keeping unit: lower-case letters, digits and hyphens, 1 to 64 of them, no hyphen in front. */
export const Sku = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,63}$' })
