import { randomBytes } from 'node:crypto'

const idBytes = 16
const poolBytes = 4096

/** A new transaction id: `txn_` and 22 base64url characters (128 random bits). */
export function newTxn(): string {
  return `txn_${randomBytes(idBytes).toString('base64url')}`
}

/** The same for the hot path: draws random bytes in bulk, because each draw is a system call. */
export function createTxnSource(): () => string {
  let pool = Buffer.alloc(0)
  let offset = 0
  return () => {
    if (offset + idBytes > pool.length) {
      pool = randomBytes(poolBytes)
      offset = 0
    }
    offset += idBytes
    return `txn_${pool.toString('base64url', offset - idBytes, offset)}`
  }
}
