import { hash, verify } from '@node-rs/argon2'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { announce } from './settings.ts'

// How many passwords can be checked here at the cost that Gatehouse hashes them with, and nothing else.

const Ask = Type.Object({ seconds: Type.Number(), concurrency: Type.Number() })
const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
const stored = await hash('correct horse battery staple', cost)

async function measure(seconds: number, concurrency: number): Promise<number> {
  const started = performance.now()
  const end = started + seconds * 1000
  let count = 0
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      if (await verify(stored, 'correct horse battery staple')) count += 1
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return count / ((performance.now() - started) / 1000)
}

process.on('message', (message) => {
  const { seconds, concurrency } = Value.Parse(Ask, message)
  void measure(seconds, concurrency).then((rate) => process.send?.({ type: 'rate', rate }))
})
announce(0)
