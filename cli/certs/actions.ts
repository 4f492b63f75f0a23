import type { Issued } from '@gatehouse/kit/authority/folder'
import type { Clock } from '@gatehouse/kit/clock'

export interface CertsRequest {
  readonly certsDir: string
  readonly name: string
  readonly days: number
  readonly withinMs: number
  readonly settleMs: number
  readonly hosts: readonly string[] | undefined
  readonly clock: Clock
  /** One line, or the same as JSON. */
  tell(event: Readonly<Record<string, unknown>>, text: string): void
}

interface Action {
  /** Whether a workload's name follows. */
  readonly named: boolean
  run(request: CertsRequest): Promise<void>
}

/** What `certs` can do. */
export const certsActions: ReadonlyMap<string, Action> = new Map([
  ['issue', { named: true, run: issue }],
  ['list', { named: false, run: list }],
  ['renew', { named: false, run: renew }],
  ['revoke', { named: true, run: revoke }],
  ['rotate', { named: false, run: rotate }],
  ['keep', { named: false, run: keep }],
])

async function issue(request: CertsRequest): Promise<void> {
  const { issueCertificate } = await import('@gatehouse/kit/authority/issue')
  show(request, 'issued', [await issueCertificate(request)])
}

async function list(request: CertsRequest): Promise<void> {
  const { issuedIn, trustedIn } = await import('@gatehouse/kit/authority/folder')
  const { revokedSerials } = await import('@gatehouse/kit/authority/revoke')
  const { certsDir, clock } = request
  const issued = issuedIn(certsDir)
  for (const { trustDomain = 'nobody', serial, notAfter } of trustedIn(certsDir)) {
    const until = new Date(notAfter).toISOString()
    request.tell(
      { event: 'ca', trust_domain: trustDomain, serial, not_after: until },
      `CA of ${trustDomain} until ${until}`,
    )
  }
  for (const one of issued) show(request, one.notAfter > clock.now() ? 'valid' : 'expired', [one])
  for (const serial of revokedSerials(certsDir))
    request.tell({ event: 'revoked', serial }, `revoked ${serial}`)
}

async function renew(request: CertsRequest): Promise<void> {
  const { renewCertificates } = await import('@gatehouse/kit/authority/issue')
  const renewed = await renewCertificates(request)
  show(request, 'renewed', renewed)
  if (renewed.length === 0) request.tell({ event: 'nothing_due' }, 'nothing expires that soon')
}

async function revoke(request: CertsRequest): Promise<void> {
  const { revokeCertificate } = await import('@gatehouse/kit/authority/revoke')
  const { name } = request
  const serial = await revokeCertificate(request)
  request.tell({ event: 'revoked', name, serial }, `revoked ${name} (${serial})`)
}

async function rotate(request: CertsRequest): Promise<void> {
  const { rotateAuthority } = await import('@gatehouse/kit/authority/rotate')
  const step = (text: string): void => request.tell({ event: 'step', text }, text)
  show(request, 'renewed', await rotateAuthority({ ...request, step }))
}

/** What `start` does beside all else, for houses that something else has started. */
async function keep(request: CertsRequest): Promise<void> {
  const { CertificateKeeper } = await import('@gatehouse/kit/authority/keeper')
  const { openAuthority } = await import('@gatehouse/kit/authority/folder')
  const { listenForStop } = await import('../start/stop-signals.ts')
  // Without a CA there is nothing to keep, and nobody would know.
  openAuthority(request.certsDir)
  const stop = listenForStop()
  // The keeper alone does not hold the process.
  const awake = setInterval(() => undefined, 60_000)
  const keeper = new CertificateKeeper({
    ...request,
    renewed: (issued) => show(request, 'renewed', issued),
    failed(error) {
      const why = error instanceof Error ? error.message : String(error)
      request.tell({ event: 'not_renewed', why }, `certificates could not be renewed: ${why}`)
    },
  })
  await keeper.look()
  await stop.signal
  clearInterval(awake)
  await keeper.stop()
  stop.close()
}

function show(request: CertsRequest, event: string, certificates: readonly Issued[]): void {
  for (const { name, spiffeId, serial, notAfter } of certificates) {
    const until = new Date(notAfter).toISOString()
    request.tell(
      { event, name, spiffe_id: spiffeId, serial, not_after: until },
      `${event} ${spiffeId} ${event === 'expired' ? 'at' : 'until'} ${until}`,
    )
  }
}
