import { randomBytes } from 'node:crypto'
import { open, rename } from 'node:fs/promises'
import { StartError } from '@gatehouse/kit/errors'

/** What first start generated, for the person who started it. */
export interface Credentials {
  readonly users: readonly {
    readonly username: string
    readonly password: string
    readonly roles: readonly string[]
  }[]
  readonly clients: readonly { readonly client_id: string; readonly client_secret: string }[]
}

/**
 * Writes the file whole or not at all, readable by its owner only.
 * @throws StartError when the data folder is not writable
 */
export async function writeCredentials(file: string, credentials: Credentials): Promise<void> {
  const draft = `${file}.${randomBytes(6).toString('hex')}`
  try {
    const handle = await open(draft, 'wx', 0o600)
    try {
      await handle.writeFile(`${JSON.stringify(credentials, undefined, 2)}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(draft, file)
  } catch (error) {
    throw new StartError(`${file} cannot be written`, {
      hint: 'make the data folder writable for this user, or name another one in GATEHOUSE_DATA',
      cause: error,
    })
  }
}
