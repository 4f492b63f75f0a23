import { RevocationIndex as Real } from '../../gateway/revocation/index.ts'

export * from '../../gateway/revocation/index.ts'

/** Holds as many entries as the environment says before the first request comes. */
export class RevocationIndex extends Real {
  constructor(options: ConstructorParameters<typeof Real>[0]) {
    super({ ...options, capacity: 10_000_000 })
    const wanted = Number(process.env['GATEHOUSE_BENCH_REVOCATIONS'])
    for (let n = 0; n < wanted; n += 1) this.revoke({ by: 'jti', value: `bench-revoked-${n}` })
  }
}
