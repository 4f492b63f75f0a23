import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { type CheckingThread, IdleThreads } from '../../idp/accounts/hashing/idle-threads.ts'
import { hashPassword, Passwords } from '../../idp/accounts/passwords.ts'
import { eventually } from '../harness/eventually.ts'

const check = { passwordHash: 'of nothing', password: 'none' }
const fewDoNotCount = 17

/** A thread of which each answer is given by hand. */
class Thread implements CheckingThread {
  hasEnded = false
  stopped = false
  answer: (right: boolean | undefined) => void = () => undefined

  check(): Promise<boolean | undefined> {
    return new Promise((resolve) => {
      this.answer = resolve
    })
  }

  async stop(): Promise<void> {
    this.stopped = true
  }
}

/** So many checks as a server has seen before it makes a thread, which is there afterwards. */
async function warm(threads: IdleThreads): Promise<void> {
  for (let n = 0; n < fewDoNotCount; n += 1) await threads.check(check)
  await new Promise((resolve) => setImmediate(resolve))
}

t.test(
  'who is not answered in time goes elsewhere, and so do the next until the thread is back',
  async (t) => {
    const thread = new Thread()
    const threads = new IdleThreads({ most: 1, patienceMs: 20, start: async () => thread })
    await warm(threads)
    t.equal(await threads.check(check), undefined, 'not in time')
    t.equal(await threads.check(check), undefined, 'it is still at the first one')
    thread.answer(true)
    await new Promise((resolve) => setImmediate(resolve))
    const next = threads.check(check)
    thread.answer(false)
    t.equal(await next, false)
    await threads.close()
    t.equal(thread.stopped, true)
    t.equal(await threads.check(check), undefined, 'closed')
  },
)

t.test('a thread that ends is followed by another one', async (t) => {
  const made: Thread[] = []
  const start = async (): Promise<Thread> => {
    const thread = new Thread()
    made.push(thread)
    return thread
  }
  const threads = new IdleThreads({ most: 1, start })
  await warm(threads)
  const lost = threads.check(check)
  Object.assign(made[0] ?? {}, { hasEnded: true })
  made[0]?.answer(undefined)
  t.equal(await lost, undefined)
  await threads.check(check)
  t.equal(made.length, 2)
})

t.test('a system without such threads is asked once', async (t) => {
  let tries = 0
  const start = (): Promise<Thread> => {
    tries += 1
    return Promise.reject(new Error('no chrt'))
  }
  const threads = new IdleThreads({ most: 2, start })
  await warm(threads)
  await warm(threads)
  t.equal(tries, 1)
})

/** Of sched(7). */
const schedIdle = '5'

function idleThreadsHere(): number {
  return readdirSync('/proc/self/task').filter((tid) => policyOf(tid) === schedIdle).length
}

function policyOf(tid: string): string | undefined {
  try {
    const stat = readFileSync(`/proc/self/task/${tid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]
  } catch {
    // It ended since the list was read.
    return undefined
  }
}

function hasChrt(): boolean {
  try {
    execFileSync('chrt', ['-p', '0'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

t.test(
  'passwords are checked on a thread that gives way to everybody',
  { skip: hasChrt() ? false : 'no chrt here' },
  async (t) => {
    const passwords = new Passwords()
    const hash = await hashPassword('correct horse')
    const before = idleThreadsHere()
    // It gives way when it starts, too: on a machine with much to do that takes a while.
    const deadline = performance.now() + 60_000
    while (idleThreadsHere() === before && performance.now() < deadline) await passwords.verify(hash, 'no')
    t.equal(idleThreadsHere(), before + 1)
    t.equal(await passwords.verify(hash, 'correct horse'), true)
    t.equal(await passwords.verify(hash, 'wrong'), false)
    await t.rejects(passwords.verify('not a hash', 'wrong'))
    t.equal(await passwords.verify(hash, 'correct horse'), true, 'and the thread goes on')
    await passwords.close()
    // Its end gives way as well: it is still there for a moment after everybody was told.
    t.ok(await eventually(() => idleThreadsHere() === before))
  },
)
