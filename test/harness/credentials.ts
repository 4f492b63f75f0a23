import { readFileSync } from 'node:fs'
import type { DataPaths } from '@gatehouse/kit/paths'
import { isRecord, listField, textField } from './json.ts'

/** The file of what the first start generated, read anew each time: it is written while the IdP starts. */
export class CredentialsFile {
  readonly #paths: DataPaths

  constructor(paths: DataPaths) {
    this.#paths = paths
  }

  password(username: string): string {
    return textField(this.#entry('users', 'username', username), 'password')
  }

  /** Undefined for a client that has none: it authenticates with a key. */
  clientSecret(clientId: string): string | undefined {
    const client = this.#entry('clients', 'client_id', clientId)
    return client === undefined ? undefined : textField(client, 'client_secret')
  }

  #entry(list: string, key: string, value: string): unknown {
    const content: unknown = JSON.parse(readFileSync(this.#paths.credentials, 'utf8'))
    return listField(content, list).find((entry) => isRecord(entry) && entry[key] === value)
  }
}
