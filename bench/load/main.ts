import { readJob } from './job.ts'
import { LoadRun } from './run.ts'

const chains = new Map<string, Map<number, Buffer>>()

function chainOf(requests: string): Map<number, Buffer> {
  const chain = chains.get(requests) ?? new Map<number, Buffer>()
  chains.set(requests, chain)
  return chain
}

process.on('message', (message) => {
  const job = readJob(message)
  new LoadRun(job, chainOf(job.requests)).run().then(
    (outcome) => process.send?.(outcome),
    (error: unknown) => {
      process.stderr.write(`load: ${error instanceof Error ? error.message : String(error)}\n`)
      process.exit(1)
    },
  )
})
process.on('disconnect', () => process.exit(0))
process.send?.({ type: 'ready' })
