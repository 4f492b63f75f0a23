import { spawnSync } from 'node:child_process'
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Settings } from '../programs/settings.ts'
import type { Algorithm } from '../run/issuer.ts'
import type { Stage } from '../run/stage.ts'
import type { Contestant, Setting } from './contestant.ts'

/** A contestant that is a Node program of the bench. */
export function nodeContestant(name: string, program: string, checks: Algorithm | undefined): Contestant {
  return {
    name,
    checks,
    async start(stage, setting) {
      const settings = settingsFor(stage, setting, checks)
      const child = stage.node(
        `${name}${setting.tls === undefined ? '' : '-tls'}`,
        program,
        settings,
        stage.cores.contestant,
      )
      return { child, host: '127.0.0.1', port: await stage.port(child) }
    },
  }
}

function settingsFor(stage: Stage, setting: Setting, checks: Algorithm | undefined): Settings {
  return {
    upstream: setting.upstream.origin,
    connections: setting.connections,
    ...(setting.tls === undefined ? {} : { tls: setting.tls }),
    ...(checks === undefined
      ? {}
      : { issuer: stage.issuer.url, algorithm: checks, publicKey: stage.issuer.publicPem(checks) }),
  }
}

/** Says why a program of the system cannot be run here. */
export function missing(command: string, packageName: string): string | undefined {
  return spawnSync(command, ['-v']).error === undefined
    ? undefined
    : `no ${command} here (Debian: apt-get install ${packageName})`
}

/** Waits until something accepts connections. */
export async function accepting(port: number, timeoutMs = 5000): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await connects(port))) {
    if (Date.now() > end) throw new Error(`nothing listens on port ${port}`)
    await sleep(20)
  }
}

async function connects(port: number): Promise<boolean> {
  const socket = net.connect({ host: '127.0.0.1', port })
  const connected = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
  })
  socket.destroy()
  return connected
}
