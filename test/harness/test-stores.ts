import { randomBytes } from 'node:crypto'
import { Client } from 'pg'

/**
 * New databases for the stores of a platform, as a patch of its configuration.
 * @param url of a database on a PostgreSQL server on which databases can be made.
 */
export async function testStores(url: string): Promise<string> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    const newStore = async (part: string): Promise<string> => {
      const name = `${part}_${randomBytes(8).toString('hex')}`
      await client.query(`create database ${name}`)
      return String(new URL(`/${name}`, url))
    }
    return `{ idp: { store: '${await newStore('idp')}' }, gateway: { store: '${await newStore('gateway')}' } }`
  } finally {
    await client.end()
  }
}
