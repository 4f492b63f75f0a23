import { Agent, setGlobalDispatcher } from 'undici'

/**
 * What prepares a measurement asks on connections of their own. It asks for a moment, and then not for as long as the
 * contestants take; a server ends what was idle for a minute, on a machine with other work just when it is used again.
 */
export function keepNoConnections(): void {
  setGlobalDispatcher(new Agent({ pipelining: 0 }))
}
