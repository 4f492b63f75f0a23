import { conforms } from '@gatehouse/kit/conforms'
import { StartError } from '@gatehouse/kit/errors'
import type { Logger } from '@gatehouse/kit/log'
import { readIfThere, replaceFile, secretMode } from '@gatehouse/kit/prepare/files'
import { Type, type Static } from '@gatehouse/kit/schema'

const credentials = Type.Object({
  users: Type.Array(
    Type.Object({ username: Type.String(), password: Type.String(), roles: Type.Array(Type.String()) }),
  ),
  clients: Type.Array(Type.Object({ client_id: Type.String(), client_secret: Type.String() })),
})

/** What first start generated, for the person who started it. */
type Credentials = Static<typeof credentials>

/** The file with these, which its owner alone may read. */
export class CredentialsFile {
  readonly #path: string
  readonly #log: Logger

  constructor(path: string, log: Logger) {
    this.#path = path
    this.#log = log
  }

  /** @throws StartError when the data folder is not writable */
  write(all: Credentials): void {
    try {
      replaceFile(this.#path, `${JSON.stringify(all, undefined, 2)}\n`, secretMode)
    } catch (error) {
      throw new StartError(`${this.#path} cannot be written`, {
        hint: 'make the data folder writable for this user, or name another one in GATEHOUSE_DATA',
        cause: error,
      })
    }
  }

  /** Its password is another now, or nobody's: one that does not work misleads, and a new one belongs into no file. */
  forgetUser(username: string): void {
    this.#change(({ users, clients }) => ({
      users: users.filter((user) => user.username !== username),
      clients,
    }))
  }

  /** The same for a client's secret. */
  forgetClient(clientId: string): void {
    this.#change(({ users, clients }) => ({
      users,
      clients: clients.filter((client) => client.client_id !== clientId),
    }))
  }

  /** Behind what was changed in the store and is there to stay, whatever becomes of the file. */
  #change(changed: (all: Credentials) => Credentials): void {
    try {
      const text = readIfThere(this.#path)
      if (text === undefined) return
      const all: unknown = JSON.parse(text)
      if (!conforms(credentials, all)) return
      const rest = changed(all)
      if (rest.users.length + rest.clients.length < all.users.length + all.clients.length) this.write(rest)
    } catch (error) {
      this.#log.warn({ err: error }, `${this.#path} could not be brought up to date`)
    }
  }
}
