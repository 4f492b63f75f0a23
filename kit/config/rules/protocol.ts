import type { ConfigDocument } from '../document.ts'
import { listAt, textAt, valueAt } from '../written.ts'
import type { RuleContext } from './rule.ts'

/** Switches of the identity server that contradict each other, and the one that production refuses. */
export function protocolIsCoherent(document: ConfigDocument, context: RuleContext): void {
  const { value } = document
  if (context.production && valueAt(value, 'idp', 'profile') === 'certification') {
    document.fault(
      ['idp', 'profile'],
      'certification switches on what is advised against; production refuses it',
    )
  }
  const who = textAt(value, 'idp', 'registration', 'who')
  if (who === 'token' && textAt(value, 'idp', 'registration', 'initialAccessToken') === undefined) {
    document.fault(['idp', 'registration', 'who'], 'token needs initialAccessToken')
  }
  if (
    valueAt(value, 'idp', 'mtls', 'header') !== undefined &&
    listAt(value, 'idp', 'trustedProxies').length === 0
  ) {
    document.fault(['idp', 'mtls', 'header'], 'is believed from idp.trustedProxies only, and there are none')
  }
  const ids = listAt(value, 'idp', 'clients').map((client) => textAt(client, 'client_id'))
  for (const [index, id] of ids.entries()) {
    if (id !== undefined && ids.indexOf(id) !== index)
      document.fault(['idp', 'clients', index, 'client_id'], `'${id}' is there twice`)
  }
}
