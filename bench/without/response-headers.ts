import type { AnswerHead } from '../../gateway/upstream/response-headers.ts'

export * from '../../gateway/upstream/response-headers.ts'

/** Passes on what comes, as a plain proxy does, with the gateway's own headers behind it. */
export function answerHead(
  raw: readonly Buffer[],
  _allowed: ReadonlySet<string>,
  own: readonly string[],
): AnswerHead {
  const headers = raw.map((text) => text.toString('latin1'))
  const at = headers.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === 'content-length')
  const length = at === -1 ? undefined : Number(headers[at + 1])
  headers.push(...own)
  return { headers, length, framed: true }
}
