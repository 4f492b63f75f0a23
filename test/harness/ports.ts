import { createServer } from 'node:net'

/** What the default configuration listens on, counted from the base (design.md, section 6). */
const offsets = [0, 1, 90, 91, 443, 1001, 1002, 1003]

// Below the range from which Linux takes the near ends of outgoing connections.
const lowest = 10_000
const highest = 31_000

/** A port base of which every port was free a moment ago. Others may be looking too: retry when it turns out taken. */
export async function freePortBase(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const base = lowest + Math.floor(Math.random() * (highest - lowest))
    const free = await Promise.all(offsets.map((offset) => isFree(base + offset)))
    if (free.every(Boolean)) return base
  }
  throw new Error(`no free block of ports between ${lowest} and ${highest + 1003}`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    // Without a host it takes the port on every address, IPv6 included.
    probe.listen({ port, exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
