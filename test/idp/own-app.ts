import { buildApp } from '../../idp/app.ts'
import { buildDeps } from '../../idp/deps.ts'
import type { Platform } from '../harness/index.ts'
import { contextOf } from './context.ts'

interface Teardown {
  teardown(run: () => Promise<void>): void
}

/** One more identity server on this platform's store, which does not listen: its parts are the test's to hold up. */
export async function ownApp(t: Teardown, platform: Platform) {
  const deps = await buildDeps(contextOf(platform))
  const app = await buildApp(deps, platform.config.idp)
  t.teardown(async () => {
    await app.close()
    await deps.close()
  })
  return { app, deps }
}
