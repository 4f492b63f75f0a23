// What npm runs when it has installed (package.json, "postinstall"). Only how quick the first start is depends on it,
// so it says nothing and never fails: an older Node, a folder that cannot be written, a machine that builds an image.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cacheDir } from './compiled.cjs'

const warmUp = fileURLToPath(new URL('start/warm-up.ts', import.meta.url))
if (Number(process.versions.node.split('.')[0]) >= 24) {
  const env = { ...process.env, NODE_COMPILE_CACHE: cacheDir }
  spawnSync(process.execPath, [warmUp], { env, stdio: 'ignore', timeout: 60_000 })
}
