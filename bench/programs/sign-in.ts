import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { CookieJar } from '../../test/harness/cookie-jar.ts'
import { wordsOf } from '../run/words-of.ts'
import { personsCode } from '../suites/idp/person.ts'
import { announce } from './settings.ts'

// People who sign in: authorization request, sign-in page, password, and the authorization endpoint again, which begins
// their session and sends them to the client with a code. Each is a new browser. Runs on the load's core.

const Ask = Type.Object({
  issuer: Type.String(),
  username: Type.String(),
  password: Type.String(),
  application: Type.Object({ clientId: Type.String(), redirectUri: Type.String(), scope: Type.String() }),
  seconds: Type.Number(),
  concurrency: Type.Number(),
})
type Ask = Type.Static<typeof Ask>

async function signInOnce({ issuer, username, password, application }: Ask): Promise<void> {
  const { code } = await personsCode(issuer, { username, password }, new CookieJar(), { application })
  if (code === '') throw new Error('no code')
}

async function measure(ask: Ask): Promise<{ rate: number; failed: string[] }> {
  const started = performance.now()
  const end = started + ask.seconds * 1000
  const failed: string[] = []
  let count = 0
  const worker = async (): Promise<void> => {
    while (performance.now() < end && failed.length < 20) {
      try {
        await signInOnce(ask)
        count += 1
      } catch (error) {
        failed.push(wordsOf(error))
      }
    }
  }
  await Promise.all(Array.from({ length: ask.concurrency }, worker))
  return { rate: count / ((performance.now() - started) / 1000), failed }
}

process.on('message', (message) => {
  void measure(Value.Parse(Ask, message)).then((result) => process.send?.({ type: 'rate', ...result }))
})
announce(0)
