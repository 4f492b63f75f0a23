import { ArgumentError, readArguments } from './args.ts'
import { runBench } from './bench.ts'
import { helpText } from './help.ts'
import { keepNoConnections } from './run/fetching.ts'

try {
  const args = readArguments(process.argv.slice(2))
  if (args.help) process.stdout.write(helpText())
  else {
    keepNoConnections()
    await runBench(args)
  }
} catch (error) {
  if (!(error instanceof ArgumentError)) throw error
  process.stderr.write(`${error.message}\n  npm run bench -- --help\n`)
  process.exitCode = 2
}
