import { startService } from '@gatehouse/kit'
import type { PartContext, RunningPart } from '@gatehouse/kit/part'
import { contextOf } from '@gatehouse/kit/service/context'
import { openStore } from '@gatehouse/kit/store/open'
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
    context: contextOf(ctx, 'users'),
    register: async (app) => {
      if (ctx.config.idp.demo) await profiles.add(demoProfiles)
      getMe(app, profiles)
    },
    onStop: () => store.close(),
  })
}
