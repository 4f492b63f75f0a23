import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { until } from '../harness/eventually.ts'
import { jwtParts } from '../harness/index.ts'
import { startBehindProxy } from './behind-proxy.ts'

t.test('the stream is cut and healed: nothing is missed, nothing out of order', async (t) => {
  const { platform, proxy, revoke } = await startBehindProxy(t)
  const tokens = await Promise.all(Array.from({ length: 24 }, () => platform.token()))
  const faults = [
    () => proxy.reset(),
    () => proxy.cutAfterAnswerBytes(40),
    () => proxy.cut(),
    () => proxy.stall(),
    () => proxy.cutAfterAnswerBytes(900),
    () => proxy.heal(),
  ]
  for (const [index, token] of tokens.entries()) {
    if (index % 4 === 2) faults[((index - 2) / 4) % faults.length]?.()
    await revoke(token)
    if (index % 4 === 0) await sleep(20)
  }
  proxy.heal()

  const applied = () => platform.logs('gateway').map(readLine).filter(isEvent)
  const first = () => [...new Set(applied().map(({ value }) => value))]
  const wanted = tokens.map((token) => jwtParts(token).payload['jti'])
  await until(() => first().length >= wanted.length)
  t.same(first(), wanted, 'each was heard, in the order in which it happened')
  const answers = await Promise.all(tokens.map((token) => platform.fetch('/api/orders', { token })))
  t.ok(answers.every(({ status }) => status === 401))
})

function readLine(line: string): Record<string, unknown> {
  return { ...Object(JSON.parse(line)) }
}

function isEvent(line: Record<string, unknown>): boolean {
  return line['msg'] === 'security event' && line['by'] === 'jti'
}
