import type { Table } from './counterpart.ts'

const connectId = { open: 'of ConnectID in Australia alone, which is not spoken here' }

/** Modules of the same plans that are run for one country's profile only; see table-fapi.ts. */
export const national: Table = {
  'fapi2-message-signing-final, national': {
    'fapi2-security-profile-final-australia-connectid-ensure-request-object-with-exp-over-10-fails':
      connectId,
    'fapi2-security-profile-final-australia-connectid-ensure-request-object-with-nbf-over-15-fails':
      connectId,
    'fapi2-security-profile-final-australia-connectid-ensure-invalid-purpose-fails': connectId,
    'fapi2-security-profile-final-australia-connectid-test-claims-parameter-idtoken-identity-claims':
      connectId,
    'fapi2-security-profile-final-brazil-ensure-bad-payment-signature-fails': {
      open: 'of Open Finance Brasil alone, whose payments are not spoken here',
    },
    'fapi2-security-profile-final-ensure-server-handles-non-matching-intent-id': {
      open: 'of Open Banking UK alone, whose intents are not spoken here',
    },
  },
}
