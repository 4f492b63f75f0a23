/**
 * Milliseconds that the sender of a request between workloads waits for the whole answer: relative, so that no two
 * clocks have to agree. The gateway sets it on everything that it forwards, and drops a public caller's.
 */
export const timeoutHeader = 'gatehouse-timeout'
