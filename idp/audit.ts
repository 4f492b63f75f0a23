import type { Audit, AuditEvent, AuditTable, AuditVerdict } from '@gatehouse/kit/audit'
import type { Logger } from '@gatehouse/kit/log'
import type { Transaction } from 'kysely'

/** The audit log, with a way to write to it from where nobody can wait. */
export class IdpAudit {
  readonly #audit: Audit
  readonly #log: Logger
  readonly #pending = new Set<Promise<void>>()

  constructor(audit: Audit, log: Logger) {
    this.#audit = audit
    this.#log = log
  }

  /** @throws StoreError when it could not be written: what it tells of must then not be acknowledged. */
  append(event: AuditEvent): Promise<void> {
    return this.#audit.append(event)
  }

  /** In the transaction of the change that it tells of, as its last statement. @throws StoreError, and the change fails with it */
  appendIn(trx: Transaction<AuditTable>, event: AuditEvent): Promise<void> {
    return this.#audit.appendIn(trx, event)
  }

  /** For the library's events, which are over when they are told. A failure is in the log. */
  later(event: AuditEvent): void {
    const written = this.#audit
      .append(event)
      .catch((error: unknown) => this.#log.error({ err: error, action: event.action }, 'audit entry lost'))
      .finally(() => this.#pending.delete(written))
    this.#pending.add(written)
  }

  /** Reads the whole log, and tells its end. */
  async verify(): Promise<{
    readonly verdict: AuditVerdict
    readonly head: Awaited<ReturnType<Audit['head']>>
  }> {
    return { verdict: await this.#audit.verify(), head: await this.#audit.head() }
  }

  /** Waits for what is still to be written. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#pending)
  }
}
