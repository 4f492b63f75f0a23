import type { Profile } from './profile.ts'

/** The people that the identity server makes at first start, under the ids and names that it gives them. */
export const demoProfiles: readonly Profile[] = [
  {
    id: 'acc-alice',
    username: 'alice',
    name: 'Alice Archer',
    address: { street: '3 Orchard Lane', postal_code: 'LB4 2AA', city: 'Little Bramley', country: 'GB' },
  },
  {
    id: 'acc-bob',
    username: 'bob',
    name: 'Bob Bowman',
    address: { street: 'Mühlgasse 12', postal_code: '04999', city: 'Sonnenfeld', country: 'DE' },
  },
  {
    id: 'acc-carol',
    username: 'carol',
    name: 'Carol Carter',
    address: { street: 'Carrer de la Lluna 7', postal_code: '08999', city: 'Vall Clara', country: 'ES' },
  },
  {
    id: 'acc-admin',
    username: 'admin',
    name: 'Ada Admin',
    address: { street: '1 Gatehouse Yard', postal_code: 'GH1 1GH', city: 'Castle Green', country: 'GB' },
  },
]
