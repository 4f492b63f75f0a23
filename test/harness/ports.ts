import { createServer, type Server } from 'node:net'

/** What the default configuration listens on, counted from the base (design.md, section 6). */
const offsets = [0, 1, 90, 91, 443, 1001, 1002, 1003]

/** No port of one base is one of another, whatever of theirs listens: the offsets differ modulo this. */
const step = 23
/** Listened on for as long as this process lives: the base is taken, although its ports are not yet. */
const claim = 2

// Below the range from which Linux takes the near ends of outgoing connections.
const lowest = 10_000
const bases = 900

const ours = new Set<number>()

/**
 * A port base of which every port is free. Nobody else who asks here gets it until this process ends, so what will listen on
 * it may take its time to start. Who has had all of them gets those again that nothing listens on any more.
 */
export async function freePortBase(): Promise<number> {
  const first = Math.floor(Math.random() * bases)
  const all = Array.from({ length: bases }, (_, at) => lowest + ((first + at) % bases) * step)
  for (const base of all) if (!ours.has(base) && (await take(base))) return base
  for (const base of all) if (ours.has(base) && (await areFree(base))) return base
  throw new Error(`no free block of ports between ${lowest} and ${lowest + bases * step + 1003}`)
}

/** One port for a program that has to be told where to listen, as {@link freePortBase}. */
export function freePort(): Promise<number> {
  return freePortBase()
}

async function take(base: number): Promise<boolean> {
  const claimed = await listening(base + claim)
  if (claimed === undefined) return false
  if (!(await areFree(base))) {
    claimed.close()
    return false
  }
  claimed.unref()
  ours.add(base)
  return true
}

async function areFree(base: number): Promise<boolean> {
  const free = await Promise.all(offsets.map((offset) => isFree(base + offset)))
  return free.every(Boolean)
}

async function isFree(port: number): Promise<boolean> {
  const probe = await listening(port)
  if (probe === undefined) return false
  await new Promise((resolve) => probe.close(resolve))
  return true
}

function listening(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy())
    server.once('error', () => resolve(undefined))
    // Without a host it takes the port on every address, IPv6 included.
    server.listen({ port, exclusive: true }, () => resolve(server))
  })
}
