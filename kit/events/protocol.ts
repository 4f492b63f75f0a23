/** What the IdP's transmitter and its receivers have agreed on beyond RFC 8936. */

/** Resource indicator of the transmitter: the audience of the tokens that receivers bring (RFC 8707). */
export const eventsResource = 'urn:gatehouse:events'

/** The scope that lets a receiver poll. */
export const eventsScope = 'events:poll'

/**
 * Where the transmitter is, below the issuer. `?stream=` names the receiver's stream, so that several processes of
 * one receiver each get every event; `&since=` (seconds) says where a stream that is not known yet begins.
 */
export const pollPath = '/events/poll'

/** Most events in one answer. */
export const maxEventsPerPoll = 200
