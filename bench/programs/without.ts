import { registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'
import { benchFile } from '../run/bench-file.ts'
import { features } from '../without/features.ts'

// Loaded before the gateway: takes one feature out of it, by putting a file of `bench/without` in the place of one of
// the gateway's. The file itself gets the real one.

const url = (path: string): string => pathToFileURL(benchFile(path)).href
const wanted = process.env['GATEHOUSE_BENCH_WITHOUT']
const feature = features.find(({ name }) => name === wanted)
if (feature === undefined) throw new Error(`nothing to take out: '${wanted ?? ''}'`)
const [real, stand] = [url(`../${feature.file}`), url(`without/${feature.stand}`)]

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    return found.url === real && context.parentURL !== stand ? { ...found, url: stand } : found
  },
})
