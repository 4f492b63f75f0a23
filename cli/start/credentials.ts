import { readFileSync } from 'node:fs'

/** What the first start generated (design.md, section 6), as far as `start` shows it. */
export interface Credentials {
  readonly users: readonly {
    readonly username: string
    readonly password: string
    readonly roles: readonly string[]
  }[]
  readonly clients: readonly { readonly client_id: string }[]
}

/** Without the file (a house without demo accounts) there is nobody to name. */
export function readCredentials(path: string): Credentials {
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return {
      users: list(content, 'users').filter(isUser),
      clients: list(content, 'clients').filter(isClient),
    }
  } catch {
    return { users: [], clients: [] }
  }
}

function list(content: unknown, key: string): readonly unknown[] {
  const found: unknown = isRecord(content) ? content[key] : undefined
  return Array.isArray(found) ? found : []
}

function isUser(entry: unknown): entry is Credentials['users'][number] {
  return (
    isRecord(entry) &&
    typeof entry['username'] === 'string' &&
    typeof entry['password'] === 'string' &&
    Array.isArray(entry['roles'])
  )
}

function isClient(entry: unknown): entry is Credentials['clients'][number] {
  return isRecord(entry) && typeof entry['client_id'] === 'string'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
