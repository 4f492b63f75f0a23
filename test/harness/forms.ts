/** A form of a page, as far as a program needs it to fill it in. */
export interface Form {
  readonly action: URL
  readonly method: string
  readonly fields: readonly Field[]
  readonly buttons: readonly Button[]
}

export interface Field {
  readonly name: string
  readonly type: string
  readonly value: string
  readonly autocomplete: string
  readonly checked: boolean
}

export interface Button {
  readonly name: string | undefined
  readonly value: string
  readonly text: string
}

/** The forms of our own pages. Not a parser for everybody's HTML: attributes must be quoted. */
export function readForms(html: string, page: URL): readonly Form[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = '', body = '']) => {
    const attributes = readAttributes(head)
    return {
      action: new URL(attributes.get('action') ?? page.href, page),
      method: (attributes.get('method') ?? 'get').toUpperCase(),
      fields: [...body.matchAll(/<input\b([^>]*)>/gi)].map(([, input = '']) => readField(input)),
      buttons: [...body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map(
        ([, button = '', text = '']) => readButton(button, text),
      ),
    }
  })
}

function readField(text: string): Field {
  const attributes = readAttributes(text)
  return {
    name: attributes.get('name') ?? '',
    type: attributes.get('type') ?? 'text',
    value: attributes.get('value') ?? (attributes.get('type') === 'checkbox' ? 'on' : ''),
    autocomplete: attributes.get('autocomplete') ?? '',
    checked: attributes.has('checked'),
  }
}

function readButton(head: string, text: string): Button {
  const attributes = readAttributes(head)
  return {
    name: attributes.get('name'),
    value: attributes.get('value') ?? '',
    text: decode(text.replace(/<[^>]*>/g, '')).trim(),
  }
}

function readAttributes(text: string): ReadonlyMap<string, string> {
  const found = [...text.matchAll(/([a-z-]+)(?:="([^"]*)")?/gi)]
  return new Map(found.map(([, name = '', value = '']) => [name.toLowerCase(), decode(value)]))
}

function decode(text: string): string {
  return text
    .replace(/&#x([0-9a-f]+);/gi, (_, digits: string) => String.fromCodePoint(Number.parseInt(digits, 16)))
    .replace(/&#(\d+);/g, (_, digits: string) => String.fromCodePoint(Number(digits)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')
}
