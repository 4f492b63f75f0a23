import { readFileSync } from 'node:fs'
import type { Expectation } from './answer.ts'
import { Connection } from './connection.ts'
import { DueQueue } from './due-queue.ts'
import { Histogram } from './histogram.ts'
import type { Job, Outcome } from './job.ts'
import { Requests } from './requests.ts'
import { Window } from './window.ts'

const lostLimit = 1000
const drainMs = 5000
/** Sleeps of a paced run between two looks at the sockets, so that it leaves the core to the upstream meanwhile. */
const mostSleepMs = 0.1
const worthSleepingMs = 0.02

function expectationOf(job: Job): Expectation {
  const { status, body, contains } = job.expect
  return { status, contains, body: body === undefined ? undefined : readFileSync(body) }
}

/** One run of load. A closed run sends on each answer; a run with a rate sends when a request is due. */
export class LoadRun {
  readonly #job: Job
  readonly #expect: Expectation
  readonly #requests: Requests
  readonly #latency = new Histogram()
  readonly #lateness = new Histogram()
  readonly #faults = new Map<string, number>()
  readonly #idle: Connection[] = []
  readonly #waiting = new DueQueue()
  readonly #connections: Connection[] = []
  readonly #chained: Map<number, Buffer>
  readonly #window: Window
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4))
  /** Milliseconds of performance.now(): what was due earlier belongs to the lead. */
  #countsFrom = 0
  #next: number
  #answered = 0
  #underWay = 0
  #firstWrong: string | undefined
  #stopped = false
  #finish: () => void = () => undefined

  /** @param chained the request that each connection would send next; outlives the run. */
  constructor(job: Job, chained: Map<number, Buffer>) {
    this.#job = job
    this.#chained = chained
    this.#expect = expectationOf(job)
    this.#requests = Requests.read(job.requests)
    this.#next = job.first
    this.#window = new Window(job.watch)
  }

  async run(): Promise<Outcome> {
    this.#connect()
    await Promise.all(this.#connections.map((connection) => connection.ready()))
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve
    })
    const started = performance.now()
    this.#lead(started)
    if (this.#job.rate === undefined) this.#startClosed(started)
    else this.#startPaced(started, this.#job.rate)
    await finished
    this.#window.end()
    for (const connection of this.#connections) connection.close()
    return this.#outcome()
  }

  #lead(started: number): void {
    const ms = (this.#job.lead ?? 0) * 1000
    this.#countsFrom = started + ms
    if (ms === 0) this.#window.begin()
    else setTimeout(() => this.#window.begin(), ms)
  }

  #connect(): void {
    for (let index = 0; index < this.#job.connections; index += 1) this.#connections.push(this.#open(index))
  }

  #open(index: number): Connection {
    return new Connection(index, this.#job, this.#expect, {
      answered: (connection, fault) => this.#onAnswer(connection, fault),
      lost: (connection, reason) => this.#onLost(connection, reason),
    })
  }

  #startClosed(now: number): void {
    const end = (): void => {
      this.#window.end()
      this.#stop()
    }
    setTimeout(end, this.#wholeSeconds() * 1000)
    for (const connection of this.#connections) {
      if (!this.#hasSentAll()) this.#send(connection, now)
    }
  }

  #wholeSeconds(): number {
    return (this.#job.lead ?? 0) + this.#job.seconds
  }

  /** Arrivals evenly spaced; one that finds no free connection waits, and its wait counts. */
  #startPaced(started: number, rate: number): void {
    const gap = 1000 / rate
    const total = Math.floor(this.#wholeSeconds() * rate)
    let arrivals = 0
    this.#idle.push(...this.#connections)
    const tick = (): void => {
      const now = performance.now()
      while (arrivals < total && started + arrivals * gap <= now) {
        this.#arrive(started + arrivals * gap)
        arrivals += 1
      }
      if (arrivals >= total) return this.#stop()
      this.#sleep(started + arrivals * gap - performance.now())
      setImmediate(tick)
    }
    tick()
  }

  #sleep(ms: number): void {
    if (ms > worthSleepingMs) Atomics.wait(this.#sleeper, 0, 0, Math.min(ms, mostSleepMs))
  }

  #hasSentAll(): boolean {
    return this.#job.most !== undefined && this.#next - this.#job.first >= this.#job.most
  }

  #arrive(due: number): void {
    const connection = this.#idle.pop()
    if (connection === undefined) {
      this.#waiting.push(due)
      return
    }
    this.#send(connection, due)
    this.#lateness.record((performance.now() - due) * 1000)
  }

  #send(connection: Connection, due: number): void {
    this.#underWay += 1
    connection.send(this.#requestFor(connection), due)
  }

  #requestFor(connection: Connection): Buffer {
    if (this.#job.chain === undefined) return this.#requests.at(this.#next++)
    const chained = this.#chained.get(connection.index)
    if (chained !== undefined) return chained
    const first = Buffer.from(this.#requests.at(this.#next++))
    this.#chained.set(connection.index, first)
    return first
  }

  #onAnswer(connection: Connection, fault: string | undefined): void {
    const now = performance.now()
    this.#underWay -= 1
    if (fault !== undefined) {
      this.#firstWrong ??= connection.body.slice(0, 200)
      this.#count(fault)
    }
    if (this.#counts(connection)) {
      this.#latency.record((now - connection.due) * 1000)
      if (fault === undefined) this.#answered += 1
    }
    if (this.#job.chain !== undefined && fault === undefined) this.#follow(connection, this.#job.chain)
    const due = this.#waiting.shift()
    if (due !== undefined) this.#send(connection, due)
    else if (this.#job.rate !== undefined) this.#idle.push(connection)
    else if (this.#hasSentAll()) this.#stop()
    else if (!this.#stopped) this.#send(connection, now)
    this.#end()
  }

  /** A closed run counts what is answered while it counts; a paced one everything that was due then, however late. */
  #counts({ due }: Connection): boolean {
    return this.#job.rate === undefined ? this.#window.isOpen : due >= this.#countsFrom
  }

  #follow(connection: Connection, chain: { after: string; into: string }): void {
    const from = connection.body.indexOf(chain.after) + chain.after.length
    const value = connection.body.slice(from, connection.body.indexOf('"', from))
    const request = this.#chained.get(connection.index)
    if (request !== undefined) request.write(value, request.indexOf(chain.into) + chain.into.length, 'latin1')
  }

  #onLost(connection: Connection, reason: string): void {
    this.#count(reason)
    this.#underWay = Math.max(0, this.#underWay - 1)
    const lost = this.#faults.get(reason) ?? 0
    if (lost > lostLimit) this.#stop()
    else if (!this.#stopped) this.#replace(connection)
    this.#end()
  }

  #replace(lost: Connection): void {
    const connection = this.#open(lost.index)
    this.#connections[lost.index] = connection
    if (this.#job.rate === undefined) this.#send(connection, performance.now())
    else this.#idle.push(connection)
  }

  #stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    setTimeout(() => {
      const missing = this.#underWay + this.#waiting.length
      if (missing > 0) this.#count('no answer', missing)
      this.#finish()
    }, drainMs).unref()
    this.#end()
  }

  #end(): void {
    if (this.#stopped && this.#underWay === 0 && this.#waiting.length === 0) this.#finish()
  }

  #count(fault: string, by = 1): void {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + by)
  }

  #outcome(): Outcome {
    const at = (q: number): number => this.#latency.quantile(q)
    return {
      requests: this.#answered,
      faults: Object.fromEntries(this.#faults),
      ...(this.#firstWrong === undefined ? {} : { firstWrong: this.#firstWrong }),
      latency: { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: this.#latency.max },
      late: this.#lateness.quantile(0.99),
      next: this.#next,
      ...this.#window.measured(),
    }
  }
}
