import type { Platform } from '../harness/index.ts'
import { Person, type Seen } from './person.ts'

/** The account page of somebody who has just signed in. */
export async function accountPageOf(
  platform: Platform,
  username: string,
): Promise<{ person: Person; page: Seen }> {
  const person = new Person()
  const login = await person.follow(await person.open(`${platform.config.issuer}/account`))
  await person.signIn(login, username, platform.credentials.password(username))
  return { person, page: await person.open(`${platform.config.issuer}/account`) }
}
