import type { Command } from '../command.ts'
import { json, places } from '../options.ts'

export const start: Command = {
  summary: 'Starts everything on this machine, keeps it running, and stops it again on Ctrl-C',
  details: [
    'Prints where to go and as whom when all parts are ready. The parts write to <data>/logs/<part>.log, the',
    'start before is kept as <part>.log.1. A part that dies is started again, with growing pauses.',
    'Passwords are printed only on the first start and only to a terminal; they are in <data>/credentials.json,',
    'which stays as the first start wrote it, whatever is changed later.',
    'Exit code 0: stopped by Ctrl-C or SIGTERM. 1: could not start; nothing is left running.',
  ].join('\n'),
  options: {
    ...places,
    logs: { type: 'boolean', describe: "print the parts' logs too" },
    json,
  },
  async run(invocation) {
    // Before anything is made, which would be left half done.
    const { listenForStop } = await import('./stop-signals.ts')
    const stop = listenForStop()
    const { runHouse } = await import('./house.ts')
    return runHouse(invocation, stop).finally(() => stop.close())
  },
}
