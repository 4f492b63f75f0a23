import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { PartName } from '@gatehouse/kit/part'

const parts = ['idp', 'gateway'] as const

/**
 * New databases for the stores of those parts of a platform that run, as a patch of its configuration.
 * @param url of a database on a PostgreSQL server on which databases can be made.
 */
export async function testStores(url: string, running: readonly PartName[]): Promise<string> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const newStore = async (part: string): Promise<string> => {
      const name = `${part}_${randomBytes(8).toString('hex')}`
      await client.query(`create database ${name}`)
      return String(new URL(`/${name}`, url))
    }
    const stores: Record<string, { readonly store: string }> = {}
    for (const part of parts.filter((one) => running.includes(one)))
      stores[part] = { store: await newStore(part) }
    return JSON.stringify(stores)
  } finally {
    await client.end()
  }
}
