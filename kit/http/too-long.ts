import type { HttpLimits } from './limits.ts'

/**
 * The parser counts target and headers together, so which of them was too long is read from the packet in which it gave
 * up. Of a line that began in an earlier one, the end tells what it was.
 * @param error the parser's: of the overflow, or of a packet that followed
 * @returns undefined: that end has not come yet
 */
export function tooLong(
  error: Error,
  { headerBytes, urlBytes }: Pick<HttpLimits, 'headerBytes' | 'urlBytes'>,
): 'uri_too_long' | 'headers_too_large' | undefined {
  if (!('rawPacket' in error) || !Buffer.isBuffer(error.rawPacket)) return 'headers_too_large'
  const lineEnd = error.rawPacket.indexOf('\n')
  const line = error.rawPacket.subarray(0, lineEnd < 0 ? undefined : lineEnd)
  if (beginsRequest(line)) return line.length > urlBytes ? 'uri_too_long' : 'headers_too_large'
  if (lineEnd < 0) return undefined
  const parsed = 'bytesParsed' in error && typeof error.bytesParsed === 'number' ? error.bytesParsed : 0
  // With fewer headers than are let through, it was the target.
  return endsRequestLine(line) && parsed - lineEnd <= headerBytes ? 'uri_too_long' : 'headers_too_large'
}

function beginsRequest(line: Buffer): boolean {
  return /^[A-Z]{1,20} \S/.test(line.subarray(0, 22).toString('latin1'))
}

function endsRequestLine(line: Buffer): boolean {
  return / HTTP\/\d\.\d\r?$/.test(line.subarray(-10).toString('latin1'))
}
