import type { Store } from '@gatehouse/kit/store/open'
import type { InventoryTables } from './migrations.ts'

export interface Article {
  readonly sku: string
  readonly name: string
  readonly quantity: number
}

export interface StockedArticle extends Article {
  readonly version: number
}

export class Stock {
  readonly #store: Store<InventoryTables>

  constructor(store: Store<InventoryTables>) {
    this.#store = store
  }

  /** In the order of their SKUs, from the one that follows `after`. */
  async list(limit: number, after: string): Promise<readonly StockedArticle[]> {
    return this.#store.db
      .selectFrom('stock')
      .select(['sku', 'name', 'quantity', 'version'])
      .where('sku', '>', after)
      .orderBy('sku')
      .limit(limit)
      .execute()
  }

  /**
   * Sets what is on the shelf, whatever it was. A new article is named after its SKU.
   * @returns the new version.
   */
  async set(sku: string, quantity: number): Promise<number> {
    const { version } = await this.#store.db
      .insertInto('stock')
      .values({ sku, name: sku, quantity, version: 1 })
      .onConflict((conflict) =>
        conflict.column('sku').doUpdateSet((row) => ({ quantity, version: row('stock.version', '+', 1) })),
      )
      .returning('version')
      .executeTakeFirstOrThrow()
    return version
  }

  /** The same, if it is still at this version; undefined when it is not. One conditional UPDATE: nobody slips in between. */
  async setIf(sku: string, quantity: number, version: number): Promise<number | undefined> {
    const changed = await this.#store.db
      .updateTable('stock')
      .set((row) => ({ quantity, version: row('version', '+', 1) }))
      .where('sku', '=', sku)
      .where('version', '=', version)
      .returning('version')
      .executeTakeFirst()
    return changed?.version
  }

  /** Leaves articles that exist as they are. */
  async add(articles: readonly Article[]): Promise<void> {
    await this.#store.db
      .insertInto('stock')
      .values(articles.map((article) => ({ ...article, version: 1 })))
      .onConflict((conflict) => conflict.column('sku').doNothing())
      .execute()
  }
}
