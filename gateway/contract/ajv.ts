import { createRequire } from 'node:module'

type Ajv2020Module = typeof import('ajv/dist/2020.js')
type FormatsModule = typeof import('ajv-formats')
export type Ajv = InstanceType<Ajv2020Module['Ajv2020']>

const load = createRequire(import.meta.url)

/** The validator of schemas. Loaded here and not imported: most gateways start without any contract. */
export function createAjv(options: { readonly allErrors: boolean }): Ajv {
  const module: unknown = load('ajv/dist/2020.js')
  const formats: unknown = load('ajv-formats')
  if (!isAjv(module) || !isFormats(formats)) throw new TypeError('ajv is not what it was')
  // Not strict: OpenAPI has words of its own in its schemas. Nothing is changed in what is validated.
  const ajv = new module.Ajv2020({ ...options, strict: false, logger: false, validateSchema: false })
  formats.default.default(ajv)
  return ajv
}

function isAjv(module: unknown): module is Ajv2020Module {
  return typeof module === 'function' && 'Ajv2020' in module
}

function isFormats(module: unknown): module is FormatsModule {
  return typeof module === 'function' && 'default' in module
}
