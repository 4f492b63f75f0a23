import t from 'tap'
import { newTxn } from '@gatehouse/kit/http/server'
import { withoutDrawn, withoutTxn } from './drawn.ts'

t.test('what is drawn says nothing, what is written stays', async (t) => {
  t.equal(withoutTxn('{"code":"x","txn":"txn_ajvHPE_jose-FST_901234"}'), '{"code":"x","txn":"txn_"}')
  t.equal(withoutTxn(`a ${newTxn()} b`), 'a txn_ b')
  t.equal(withoutTxn('FST_ERR_CTP_INVALID_MEDIA_TYPE'), 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
  const path = `/interaction/${'evil'.repeat(11).slice(0, 43)}`
  t.equal(
    withoutDrawn(`location: ${path}, href="https://evil.example/"`),
    'location: /interaction/, href="https://evil.example/"',
  )
})
