import { createServer } from 'node:net'
import type { Config, Listen } from '@gatehouse/kit/config/types'
import { StartError } from '@gatehouse/kit/errors'
import { listeners } from './parts.ts'

/** Fails when a port that the house needs is taken, and names all of them at once. */
export async function checkPorts(config: Config): Promise<void> {
  const results = await Promise.all(
    listeners(config).map(async ({ part, at }) => ({ part, at, problem: await whyNot(at) })),
  )
  const taken = results.filter(({ problem }) => problem !== undefined)
  if (taken.length === 0) return
  const list = taken.map(({ part, at, problem }) => `${at.port} for ${part} (${problem})`)
  throw new StartError(`${taken.length === 1 ? 'port' : 'ports'} not available: ${list.join(', ')}`, {
    hint: 'Stop what listens there, or move every port with GATEHOUSE_PORT_BASE, for example GATEHOUSE_PORT_BASE=13000.',
  })
}

async function whyNot({ host, port }: Listen): Promise<string | undefined> {
  // Browsers and libraries try either address for this name, so both must be ours.
  const hosts = host === 'localhost' ? ['127.0.0.1', '::1'] : [host]
  for (const each of hosts) {
    const code = await tryListen(each, port)
    // A machine without IPv6 has no ::1, and then nobody can come there.
    if (code === undefined || (each === '::1' && code !== 'EADDRINUSE' && code !== 'EACCES')) continue
    return words(code)
  }
  return undefined
}

function tryListen(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(undefined)))
  })
}

function words(code: string): string {
  if (code === 'EADDRINUSE') return 'in use'
  if (code === 'EACCES') return 'not allowed for this user'
  return code
}
