import { OpenApiDocument } from '@gatehouse/kit/openapi/document'
import t from 'tap'
import { Components } from '../../gateway/describe/components.ts'

const pet = (names: string) => ({
  oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Problem' }],
  discriminator: {
    propertyName: 'kind',
    mapping: { cat: 'Cat', trouble: '#/components/schemas/Problem', gone: '#/nowhere', far: 'far.json' },
  },
  properties: { discriminator: { type: 'string', description: names } },
})

const documentWith = (names: string) =>
  new OpenApiDocument(
    'api.json',
    JSON.stringify({
      openapi: '3.1.0',
      paths: {},
      components: {
        schemas: { Pet: pet(names), Cat: { title: names }, Problem: { title: names } },
      },
    }),
  )

t.test('what a discriminator maps to goes by the names of the one document', (t) => {
  const components = new Components()
  const [first, second] = ['one', 'other'].map((names) =>
    components.schema(documentWith(names), ['components', 'schemas', 'Pet']),
  )
  t.match(first, {
    oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Problem2' }],
    properties: { discriminator: { type: 'string', description: 'one' } },
  })
  t.same(Object(first).discriminator, {
    propertyName: 'kind',
    mapping: { cat: '#/components/schemas/Cat', trouble: '#/components/schemas/Problem2' },
  })
  t.same(Object(second).discriminator.mapping, {
    cat: '#/components/schemas/Cat2',
    trouble: '#/components/schemas/Problem3',
  })
  t.match(components.schemas, { Cat2: { title: 'other' }, Problem3: { title: 'other' } })
  t.end()
})
