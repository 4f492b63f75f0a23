import t from 'tap'
import { faultsOf, validRoute, withRoute } from './config-load.ts'

t.test('of two transmitters with one id only the last would be heard', async (t) => {
  const one =
    "id: risk, issuer: 'https://a.example', jwks: 'https://a.example/jwks', audience: 'https://b.example'"
  const revocation = `revocation:
  transmitters:
    - { ${one}, push: true }
    - { ${one}, push: true }
`
  const [fault, ...more] = faultsOf(`${revocation}${withRoute(...validRoute)}`)
  t.match(fault, { line: 4, column: 13, path: 'revocation.transmitters[1].id' })
  t.match(fault?.message, /'risk' is already the id of revocation\.transmitters\[0\]/)
  t.same(more, [])
})
