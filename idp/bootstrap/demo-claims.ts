import type { PersonalClaims } from '../accounts/personal-claims.ts'

/** Every claim that OpenID Connect Core section 5.1 knows, so that clients see what each scope brings. Of nobody real. */
export function demoClaims(username: string, name: string): PersonalClaims {
  const [given_name = name, family_name = name] = name.split(' ')
  const home = `https://people.example.test/${username}`
  return {
    given_name,
    family_name,
    middle_name: 'Demo',
    nickname: given_name,
    profile: home,
    picture: `${home}/picture.png`,
    website: home,
    email_verified: true,
    gender: 'not specified',
    birthdate: '1990-01-01',
    zoneinfo: 'Europe/Paris',
    locale: 'en-US',
    phone_number: '+1 555 555 0100',
    phone_number_verified: true,
    address: {
      formatted: '1 Gate Road\n00000 Exampleton\nNowhere',
      street_address: '1 Gate Road',
      locality: 'Exampleton',
      region: 'Example',
      postal_code: '00000',
      country: 'Nowhere',
    },
  }
}
