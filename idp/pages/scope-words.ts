const words: Readonly<Record<string, string>> = {
  openid: 'Confirm who you are',
  profile: 'See your name and profile',
  email: 'See your e-mail address',
  address: 'See your postal address',
  phone: 'See your phone number',
  offline_access: 'Keep this access after you sign out',
  'users:read': 'Read your address',
  'orders:read': 'Read your orders',
  'orders:write': 'Place orders for you',
  'inventory:read': 'See what is in stock',
  'inventory:write': 'Change what is in stock',
}

/** A scope as people read it. One without words of its own is shown as it is: nothing asked for is hidden. */
export function scopeWords(scope: string): string {
  return (Object.hasOwn(words, scope) ? words[scope] : undefined) ?? `Use the permission “${scope}”`
}

const claims: Readonly<Record<string, string>> = {
  name: 'See your name',
  preferred_username: 'See your user name',
  updated_at: 'See when your profile was changed',
  email: 'See your e-mail address',
  email_verified: 'See whether your e-mail address was checked',
  given_name: 'See your given name',
  family_name: 'See your family name',
  middle_name: 'See your middle name',
  nickname: 'See your nickname',
  profile: 'See where your profile page is',
  picture: 'See your picture',
  website: 'See your website',
  gender: 'See your gender',
  birthdate: 'See your date of birth',
  zoneinfo: 'See your time zone',
  locale: 'See your language',
  address: 'See your postal address',
  phone_number: 'See your phone number',
  phone_number_verified: 'See whether your phone number was checked',
}

/** A claim that is asked for by itself, as people read it. */
export function claimWords(claim: string): string {
  return (Object.hasOwn(claims, claim) ? claims[claim] : undefined) ?? `See “${claim}” of your profile`
}
