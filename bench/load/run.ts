import { readFileSync } from 'node:fs'
import type { Expectation } from './answer.ts'
import { Connection } from './connection.ts'
import { Histogram } from './histogram.ts'
import type { Job, Outcome } from './job.ts'
import { Requests } from './requests.ts'

const lostLimit = 1000
const drainMs = 5000

/** Moments at which requests were due that no connection was free for. */
class DueQueue {
  #dues: number[] = []
  #head = 0

  get length(): number {
    return this.#dues.length - this.#head
  }

  push(due: number): void {
    this.#dues.push(due)
  }

  shift(): number | undefined {
    const due = this.#dues[this.#head]
    if (due === undefined) return undefined
    this.#head += 1
    if (this.#head === this.#dues.length) {
      this.#dues = []
      this.#head = 0
    }
    return due
  }
}

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
  readonly #faults = new Map<string, number>()
  readonly #idle: Connection[] = []
  readonly #waiting = new DueQueue()
  readonly #connections: Connection[] = []
  readonly #chained: Map<number, Buffer>
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
  }

  async run(): Promise<Outcome> {
    this.#connect()
    await Promise.all(this.#connections.map((connection) => connection.ready()))
    const cpu = process.cpuUsage()
    const started = performance.now()
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve
    })
    if (this.#job.rate === undefined) this.#startClosed(started)
    else this.#startPaced(started, this.#job.rate)
    await finished
    const seconds = (performance.now() - started) / 1000
    const used = process.cpuUsage(cpu)
    for (const connection of this.#connections) connection.close()
    return this.#outcome(seconds, (used.user + used.system) / 1e6)
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
    setTimeout(() => this.#stop(), this.#job.seconds * 1000)
    for (const connection of this.#connections) {
      if (!this.#hasSentAll()) this.#send(connection, now)
    }
  }

  /** Arrivals evenly spaced; one that finds no free connection waits, and its wait counts. */
  #startPaced(started: number, rate: number): void {
    const gap = 1000 / rate
    const total = Math.floor(this.#job.seconds * rate)
    let arrivals = 0
    this.#idle.push(...this.#connections)
    const tick = (): void => {
      const now = performance.now()
      while (arrivals < total && started + arrivals * gap <= now) {
        this.#arrive(started + arrivals * gap)
        arrivals += 1
      }
      if (arrivals < total) setImmediate(tick)
      else this.#stop()
    }
    tick()
  }

  #hasSentAll(): boolean {
    return this.#job.most !== undefined && this.#next - this.#job.first >= this.#job.most
  }

  #arrive(due: number): void {
    const connection = this.#idle.pop()
    if (connection === undefined) this.#waiting.push(due)
    else this.#send(connection, due)
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
    this.#latency.record((now - connection.due) * 1000)
    if (fault === undefined) this.#answered += 1
    else {
      this.#firstWrong ??= connection.body.slice(0, 200)
      this.#count(fault)
    }
    if (this.#job.chain !== undefined && fault === undefined) this.#follow(connection, this.#job.chain)
    const due = this.#waiting.shift()
    if (due !== undefined) this.#send(connection, due)
    else if (this.#job.rate !== undefined) this.#idle.push(connection)
    else if (this.#hasSentAll()) this.#stop()
    else if (!this.#stopped) this.#send(connection, now)
    this.#end()
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

  #outcome(seconds: number, cpuSeconds: number): Outcome {
    const at = (q: number): number => this.#latency.quantile(q)
    return {
      requests: this.#answered,
      seconds,
      faults: Object.fromEntries(this.#faults),
      ...(this.#firstWrong === undefined ? {} : { firstWrong: this.#firstWrong }),
      latency: { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: this.#latency.max },
      next: this.#next,
      cpuSeconds,
    }
  }
}
