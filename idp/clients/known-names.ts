import type { Clock } from '@gatehouse/kit/clock'
import type { Clients } from './clients.ts'
import { mixesAlphabets, nameFault } from './names.ts'
import { skeleton } from './skeleton.ts'

/** What this server calls itself on its own pages. */
const own = ['Gatehouse', 'Gatehouse account', 'Your account']
/** Of a stranger's name: longer ones are for telling stories in. */
const maxLength = 100
/** Names are read anew after so long. */
const freshMs = 5_000

/** Names that people have reason to trust: this server's, and those of clients that an operator made. */
export class KnownNames {
  readonly #clients: Clients
  readonly #clock: Clock
  #readAt = Number.NEGATIVE_INFINITY
  #skeletons: Promise<ReadonlySet<string>> | undefined

  constructor({ clients, clock }: { readonly clients: Clients; readonly clock: Clock }) {
    this.#clients = clients
    this.#clock = clock
  }

  /** Why a client that nobody here knows may not be called so; undefined when it may. @throws StoreError */
  async faultOf(name: string): Promise<string | undefined> {
    if (Array.from(name).length > maxLength) return `client_name has at most ${maxLength} characters`
    const fault = nameFault(name)
    if (fault !== undefined) return fault
    if (mixesAlphabets(name)) return 'client_name has letters of several alphabets in one word'
    const known = await this.#read()
    return known.has(skeleton(name))
      ? 'client_name is, or looks like, the name of another application'
      : undefined
  }

  #read(): Promise<ReadonlySet<string>> {
    const now = this.#clock.now()
    const age = now - this.#readAt
    // Negative after the clock was set back.
    if (this.#skeletons !== undefined && age >= 0 && age < freshMs) return this.#skeletons
    this.#readAt = now
    const read = this.#clients.namesOfKnown().then((names) => new Set([...own, ...names].map(skeleton)))
    this.#skeletons = read
    read.catch(() => {
      if (this.#skeletons === read) this.#skeletons = undefined
    })
    return read
  }
}
