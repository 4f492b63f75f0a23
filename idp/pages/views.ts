import type { DetailWords } from '../details/words.ts'

/** A client as people see it, before they have decided anything about it. */
export interface ClientView {
  readonly name: string
  /** Nobody here knows it: its name is only what it says. */
  readonly isUnknown: boolean
  /** The host of the document that it describes itself in. */
  readonly describedAt: string | undefined
  /** Whose it is, as far as that can be known; undefined for a device. */
  readonly host: string | undefined
  readonly links: readonly { readonly href: string; readonly words: string }[]
}

/** What each template is given. */
export interface PageViews {
  'sign-in': {
    /** `/interaction/<uid>`, under which the forms post. */
    readonly path: string
    readonly client: ClientView
    readonly logo: string | undefined
    readonly username: string
    readonly fault: string | undefined
  }
  consent: {
    readonly path: string
    readonly client: ClientView
    readonly logo: string | undefined
    readonly accountName: string
    readonly scopes: readonly { readonly name: string; readonly words: string }[]
    /** What is asked for beyond scopes (RFC 9396). */
    readonly details: readonly DetailWords[]
    /** Where the person goes next: the host of the redirect URI. */
    readonly destination: string
  }
  continue: { readonly action: string; readonly xsrf: string }
  logout: { readonly action: string; readonly xsrf: string; readonly clientName: string | undefined }
  'signed-out': { readonly stayed: boolean; readonly clientName: string | undefined }
  error: ErrorView
  device: {
    readonly action: string
    readonly xsrf: string
    readonly userCode: string
    readonly fault: string | undefined
  }
  'device-confirm': {
    readonly action: string
    readonly xsrf: string
    readonly clientName: string
    /** As it goes back in the form. */
    readonly userCode: string
    /** As the device shows it. */
    readonly shownCode: string
  }
  'device-done': { readonly clientName: string }
  account: AccountView
}

export interface ErrorView {
  readonly title: string
  readonly text: string
  /** For the developer of the client: what the protocol says about it. */
  readonly description: string | undefined
  readonly code: string | undefined
  readonly txn: string
}

export interface AccountView {
  readonly account: {
    readonly name: string
    readonly username: string
    readonly email: string | undefined
    readonly roles: readonly string[]
  }
  /** What clients ask of this person over the back channel (CIBA). */
  readonly requests: readonly {
    readonly name: string
    readonly clientName: string
    /** What the other device shows. */
    readonly bindingMessage: string | undefined
    readonly words: readonly string[]
    readonly details: readonly DetailWords[]
  }[]
  readonly applications: readonly {
    readonly clientId: string
    readonly name: string
    readonly words: readonly string[]
    /** ISO 8601. */
    readonly since: string
  }[]
  readonly csrf: string
  readonly fault: string | undefined
  readonly done: string | undefined
}
