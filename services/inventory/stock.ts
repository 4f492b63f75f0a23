import type { Store } from '@gatehouse/kit/store/open'
import type { InventoryTables } from './migrations.ts'

export interface Article {
  readonly sku: string
  readonly name: string
  readonly quantity: number
}

export class Stock {
  readonly #store: Store<InventoryTables>

  constructor(store: Store<InventoryTables>) {
    this.#store = store
  }

  /** In the order of their SKUs, from the one that follows `after`. */
  async list(limit: number, after: string): Promise<readonly Article[]> {
    return this.#store.db
      .selectFrom('stock')
      .select(['sku', 'name', 'quantity'])
      .where('sku', '>', after)
      .orderBy('sku')
      .limit(limit)
      .execute()
  }

  /** Sets what is on the shelf. A new article is named after its SKU. */
  async set(sku: string, quantity: number): Promise<void> {
    await this.#store.db
      .insertInto('stock')
      .values({ sku, name: sku, quantity })
      .onConflict((conflict) => conflict.column('sku').doUpdateSet({ quantity }))
      .execute()
  }

  /** Leaves articles that exist as they are. */
  async add(articles: readonly Article[]): Promise<void> {
    await this.#store.db
      .insertInto('stock')
      .values([...articles])
      .onConflict((conflict) => conflict.column('sku').doNothing())
      .execute()
  }
}
