import type { Duplex } from 'node:stream'
import { closeFrame, FrameBoundaries, pingFrame } from './frames.ts'

/** RFC 6455 section 7.4: the code that says that the caller's authority has ended is of the private range. */
export const closeCodes = { goingAway: 1001, unauthorized: 4401 } as const

/** How long the two ends have to say good-bye. */
const lingerMs = 1_000

/**
 * A caller's and a service's side of one WebSocket, joined byte by byte with back-pressure. Frames are passed on as
 * they are; where one from the service ends is followed, so that pings and the close can be put in between.
 */
export class Tunnel {
  readonly #caller: Duplex
  readonly #service: Duplex
  readonly #frames = new FrameBoundaries()
  readonly #onClosed: () => void
  /** Whether the caller sent anything since the last look. */
  #wasHeard = true
  #isPinged = false
  /** Bytes for the caller, and how many of them it had taken at the last look. */
  #given = 0
  #taken = -1
  #closing: number | undefined
  #linger: NodeJS.Timeout | undefined

  constructor(caller: Duplex, service: Duplex, onClosed: () => void) {
    this.#caller = caller
    this.#service = service
    this.#onClosed = onClosed
    caller.on('data', (chunk: Buffer) => this.#fromCaller(chunk))
    service.on('data', (chunk: Buffer) => this.#fromService(chunk))
    caller.on('drain', () => service.resume())
    service.on('drain', () => caller.resume())
    caller.on('end', () => this.#part(service))
    service.on('end', () => this.#part(caller))
    for (const side of [caller, service]) {
      side.on('error', () => this.#cut())
      side.on('close', () => this.#sideClosed())
    }
  }

  /**
   * To be called now and then: sends a ping to a silent caller, and gives up one that was silent after it. In the middle of
   * a frame there is no place for a ping: there, one is given up that has taken nothing of what waits for it.
   */
  look(): void {
    // Its end has a timer of its own.
    if (this.#linger !== undefined) return
    const taken = this.#given - this.#caller.writableLength
    const isStuck = taken < this.#given && taken === this.#taken
    if (!this.#wasHeard && (this.#isPinged || isStuck)) return this.close(closeCodes.goingAway)
    this.#taken = taken
    this.#isPinged = !this.#wasHeard && this.#frames.isBetweenFrames
    if (this.#isPinged) this.#give(pingFrame)
    this.#wasHeard = false
  }

  /** Tells the caller why, as soon as the frame that is being passed on has ended, and ends both sides. */
  close(code: number): void {
    if (this.#closing !== undefined) return
    this.#closing = code
    this.#linger ??= setTimeout(() => this.#cut(), lingerMs).unref()
    // To whom all has been said, nothing more can be.
    if (this.#frames.isBetweenFrames && !this.#caller.writableEnded) this.#sayClose(code)
  }

  #fromCaller(chunk: Buffer): void {
    this.#wasHeard = true
    // What still comes from a caller whose authority or service has ended reaches nobody.
    if (this.#closing !== undefined || this.#service.writableEnded) return
    if (!this.#service.write(chunk)) this.#caller.pause()
  }

  #fromService(chunk: Buffer): void {
    if (this.#closing !== undefined) return this.#finishFrame(chunk, this.#closing)
    this.#frames.follow(chunk)
    if (!this.#give(chunk)) this.#service.pause()
  }

  /** @returns whether there may be more */
  #give(bytes: Buffer): boolean {
    this.#given += bytes.length
    return this.#caller.write(bytes)
  }

  #finishFrame(chunk: Buffer, code: number): void {
    if (this.#frames.isBetweenFrames) return
    const end = this.#frames.follow(chunk, true)
    if (!this.#give(chunk.subarray(0, end))) this.#service.pause()
    if (this.#frames.isBetweenFrames) this.#sayClose(code)
  }

  #sayClose(code: number): void {
    this.#caller.end(closeFrame(code))
    this.#service.destroy()
  }

  /** One side has said all that it will: what is under way may arrive, and the other one have its last word. */
  #part(other: Duplex): void {
    this.#linger ??= setTimeout(() => this.#cut(), lingerMs).unref()
    other.end()
  }

  #cut(): void {
    this.#caller.destroy()
    this.#service.destroy()
  }

  #sideClosed(): void {
    if (!this.#caller.destroyed) {
      if (this.#closing === undefined) this.#part(this.#caller)
      return
    }
    clearTimeout(this.#linger)
    this.#service.destroy()
    this.#onClosed()
  }
}
