import { openStore, startService, type PartContext, type RunningPart } from '@gatehouse/kit'
import { demoProfiles } from './demo.ts'
import { getMe } from './get-me.ts'
import { migrations, Profiles, type UsersTables } from './profiles.ts'

/** Who people are and where they live. */
export async function start(ctx: PartContext): Promise<RunningPart> {
  const url = ctx.config.services.users.store
  const store = await openStore<UsersTables>({ url, migrations, log: ctx.log })
  const profiles = new Profiles(store, ctx.masterKey)
  return startService({
    name: 'users',
    ctx,
    register: async (app) => {
      if (ctx.config.idp.demo) await profiles.add(demoProfiles)
      getMe(app, profiles)
    },
    onStop: () => store.close(),
  })
}
