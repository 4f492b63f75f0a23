import { type Store, StoreError } from '@gatehouse/kit/store/open'
import type { KyselyPlugin, RootOperationNode } from 'kysely'

/** A store that is lost for as long as a test says so. @param loses which queries fail then. */
export class LosingStore {
  isLost = false
  readonly #plugin: KyselyPlugin

  constructor(loses: (node: RootOperationNode) => boolean = () => true) {
    this.#plugin = {
      transformQuery: ({ node }) => {
        if (this.isLost && loses(node)) throw new StoreError('SQLITE_IOERR')
        return node
      },
      transformResult: async ({ result }) => result,
    }
  }

  readonly wrap = <Tables>(store: Store<Tables>): Store<Tables> => ({
    db: store.db.withPlugin(this.#plugin),
    dialect: store.dialect,
    close: () => store.close(),
  })
}
