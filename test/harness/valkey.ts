import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { freePort } from './ports.ts'

export interface ValkeyServer {
  /** An empty database of it. @returns its URL */
  createDatabase(): string
  /** The server is gone from one moment to the next. */
  kill(): Promise<void>
  /** It keeps its connections and answers nothing more. */
  hang(): void
}

const binaries = ['/usr/bin/valkey-server', '/usr/bin/redis-server', '/usr/local/bin/redis-server']
const readyWithinMs = 20_000

/** A real Valkey or Redis for this test. Where none is installed, the test is skipped, and in CI it fails. */
export async function valkeyFor(t: Test): Promise<ValkeyServer | undefined> {
  const binary = binaries.find((path) => existsSync(path))
  if (binary === undefined) {
    if (process.env['CI'] !== undefined) t.fail('CI must have Valkey or Redis: apt-get install redis-server')
    else t.comment('skipped: this machine has neither Valkey nor Redis')
    return undefined
  }
  const port = await freePort()
  const flags = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const server = spawn(binary, flags, { stdio: 'ignore' })
  t.teardown(() => stop(server))
  await untilReady(port)
  let databases = 0
  return {
    createDatabase() {
      databases += 1
      return `redis://127.0.0.1:${port}/${databases - 1}`
    },
    kill: () => stop(server),
    hang: () => void server.kill('SIGSTOP'),
  }
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGKILL')
  await ended
}

async function untilReady(port: number): Promise<void> {
  const deadline = performance.now() + readyWithinMs
  while (performance.now() < deadline) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
      socket.once('connect', () => socket.destroy())
    })
    if (open) return
    await sleep(10)
  }
  throw new Error('the Valkey server did not start')
}
