import t from 'tap'
import { mixesAlphabets, nameFault, tidyName } from '../../idp/clients/names.ts'
import { skeleton } from '../../idp/clients/skeleton.ts'

t.test('names that can be taken for one another have one skeleton', (t) => {
  const alike: Readonly<Record<string, readonly string[]>> = {
    Gatehouse: [
      'gatehouse',
      'GATEHOUSE',
      'Gate House',
      'gate-house!',
      'Gatehоuse',
      'Gаtеhоusе',
      'Ｇａｔｅｈｏｕｓｅ',
      '𝐆𝐚𝐭𝐞𝐡𝐨𝐮𝐬𝐞',
      'Ⓖatehouse',
      'Gàtèhöusé',
      'G4tehouse',
      'Gatehou5e',
      'GateΗouse',
    ],
    'Mail room': ['MaiI room', 'Mai1 room', 'Μаіl rооm', 'Mail roorn', 'Mail r00m'],
    Wave: ['VVave', 'Ꮃave'],
    'Acme Ltd': ['Acme, Ltd.', 'ACME LTD', 'Асme Ltd', 'Acrne Ltd'],
  }
  for (const [name, others] of Object.entries(alike))
    for (const other of others) t.equal(skeleton(other), skeleton(name), other)
  for (const other of ['Gatehouse 2', 'Greenhouse', 'Gateway', 'Home of gates', '门房'])
    t.not(skeleton(other), skeleton('Gatehouse'), other)
  t.not(skeleton('注文'), '', 'what has no look-alikes stays')
  t.end()
})

t.test('names of every language are names', (t) => {
  for (const name of [
    'Handy agent',
    "L'Été à Nîmes",
    'Яндекс Music',
    'Ελληνικά',
    '注文アプリ v2',
    'ขายของออนไลน์',
    'חנות',
    'متجر',
    'Größenwahn GmbH & Co. KG',
    'Coffee ☕️',
    'O’Reilly',
    'Tiếng Việt',
  ])
    t.same([nameFault(name), mixesAlphabets(name)], [undefined, false], name)
  t.equal(tidyName('  Cafe\u0301   Noir '), 'Café Noir')
  t.end()
})

t.test('what is not seen, or turns the line around, is none', (t) => {
  const marks = [
    '\0',
    '\t',
    '\n',
    '\u200b',
    '\u200d',
    '\u200e',
    '\u202e',
    '\u2066',
    '\u2028',
    '\ufeff',
    '\u00ad',
  ]
  for (const mark of [...marks, '\u3164', '\u115f', '\u2800', '\u{e0041}', '\ud800', '\ue000'])
    t.match(nameFault(`Hand${mark}y`), /not seen/, `U+${mark.codePointAt(0)?.toString(16)}`)
  for (const name of ['', '   ', '...', '☕️']) t.match(nameFault(name), /no letter/, name)
  t.match(nameFault(`Z${'\u0336'.repeat(8)}algo`), /too many marks/)
  for (const name of ['Gаtehouse', 'Аpple', 'pаypal', 'Ꮃave']) t.ok(mixesAlphabets(name), name)
  t.end()
})
