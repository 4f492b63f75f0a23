import type { Config } from '@gatehouse/kit/config/types'
import type { Description } from '../describe/description.ts'
import type { EventsPart } from '../events/part.ts'
import type { Edges } from '../internal/edges.ts'
import type { Passage } from '../pipeline/public-door.ts'
import type { RoutingTable } from '../routing/routing-table.ts'
import type { UpstreamSet } from '../upstream/upstream-set.ts'
import type { TableCompiler } from './compile-table.ts'
import type { Prepared } from './reloader.ts'

/** What follows the configuration while the gateway runs. */
export interface Following {
  readonly upstreams: UpstreamSet
  readonly compile: TableCompiler
  readonly table: RoutingTable<Passage>
  readonly edges: Edges
  readonly description: Description
  readonly events: Pick<EventsPart, 'follow'>
}

/**
 * Opens and compiles what a configuration asks for, and takes nothing into use.
 * @throws StartError, with everything closed again.
 */
export function prepare(
  { upstreams, compile, table, edges, description, events }: Following,
  config: Config,
): Prepared {
  const opened = upstreams.prepare(config.upstreams)
  try {
    const compiled = compile(config, opened.upstreams)
    return {
      commit() {
        opened.commit()
        table.replace(compiled.tree)
        compiled.commit()
        edges.replace(config.edges)
        description.replace(compiled.exposed)
        events.follow(config.routes)
      },
    }
  } catch (error) {
    opened.discard()
    throw error
  }
}
