/** Loaded before a part's own process (`node --import`): its clock moves as the test's does. */
import { installClock } from './clock.ts'

const clock = installClock()
process.on('message', (message) => {
  const ms: unknown = Object(message).advance
  if (typeof ms === 'number') clock.advance(ms)
})
