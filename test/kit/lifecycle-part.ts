import { setTimeout as sleep } from 'node:timers/promises'
import { StartError } from '@gatehouse/kit/errors'
import { runPart, type PartContext, type RunningPart } from '@gatehouse/kit/lifecycle'

/** A part for lifecycle.test.ts that does as it is told. */
const behaviour = process.env['PART_BEHAVIOUR']

async function start(context: PartContext): Promise<RunningPart> {
  if (behaviour === 'start-error') throw new StartError('the thing is broken', { hint: 'mend it' })
  if (behaviour === 'bug') throw new TypeError('x is not a function')
  if (behaviour === 'slow-start') {
    process.send?.('starting')
    await sleep(30_000)
  }
  if (behaviour === 'crash') setTimeout(() => void Promise.reject(new Error('forgotten')), 50)
  // Keeps the process, as a listening server would.
  setInterval(() => {}, 1000)
  return {
    name: 'users',
    urls: { url: `https://localhost:${context.config.services.users.listen.port}` },
    stop: () => stop(context),
  }
}

async function stop(context: PartContext): Promise<void> {
  if (behaviour === 'stuck') await sleep(30_000)
  if (behaviour === 'stop-error') throw new Error('cannot stop')
  context.log.info('stopped cleanly')
}

process.on('message', () => process.send?.('yes'))
await runPart('users', start)
