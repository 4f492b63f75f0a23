/** Writes many rows at a time until it is killed, and tells its parent of each that was answered. */
import { createLogger } from '@gatehouse/kit/log'
import { openStore } from '@gatehouse/kit/store/open'
import { things, type Shop } from './things.ts'

const [url = ''] = process.argv.slice(2)
const log = createLogger({ name: 'writer', level: 'silent' })
const { db } = await openStore<Shop>({ url, migrations: [things], log })
let next = 0

async function write(): Promise<void> {
  for (;;) {
    next += 1
    const id = next
    await db
      .insertInto('thing')
      .values({ id, name: `n${id}`, amount: null })
      .execute()
    process.send?.(id)
  }
}

for (let writer = 0; writer < 16; writer += 1) void write()
