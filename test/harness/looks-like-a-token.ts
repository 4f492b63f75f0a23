/**
 * A signed token: two parts that are JSON in base64url, and what follows. `eyJ` alone comes up by chance in what is
 * random or sealed.
 */
export const looksLikeAToken = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}/
