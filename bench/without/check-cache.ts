import { TokenEvidence as Real } from '@gatehouse/kit/guard/token-evidence'

/** Remembers nothing: every token is proven anew. */
export class TokenEvidence<V> extends Real<V> {
  override set(): void {}
}
