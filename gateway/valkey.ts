/**
 * For the clients of Valkey and Redis: whether an error means that the server is the primary no longer. The connection to it
 * stays, and would be refused each write until this process is started anew; a new one goes to whom the name leads to now.
 */
export function isNoPrimary(error: Error): boolean {
  return error.message.includes('READONLY')
}
