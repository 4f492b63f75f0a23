/** What a server here accepts. Sizes in bytes, times in milliseconds. */
export interface HttpLimits {
  /** All header lines together; default 16 KiB. Beyond: 431. */
  readonly headerBytes: number
  /** The request target; default 8 KiB. Beyond: 414. */
  readonly urlBytes: number
  /** Default 256 KiB. Beyond: 413. */
  readonly bodyBytes: number
  /** From the first byte of a request to its last; default 30 s. Beyond: 408. */
  readonly requestTimeoutMs: number
}

export const defaultHttpLimits: HttpLimits = {
  headerBytes: 16 * 1024,
  urlBytes: 8 * 1024,
  bodyBytes: 256 * 1024,
  requestTimeoutMs: 30_000,
}

/** More header lines than this are refused, whatever their size. */
export const maxHeaderLines = 200

/** All header lines of a service's answer together, in bytes. Beyond: 502. */
export const answerHeaderBytes = 32 * 1024
