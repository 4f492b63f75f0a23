/** Letters that look like another, after folding; to the right those of one Latin letter. Not all of UTS 39, but its everyday part. */
const lookAlikes: Readonly<Record<string, string>> = {
  a: 'аαɑᴀꭺ@4',
  b: 'ьвβ฿ƅ8',
  c: 'сϲᴄⅽ',
  d: 'ԁɗᏧ',
  e: 'еєεɛҽ3',
  f: 'ƒꞙϝ',
  g: 'ɡցԍᶃ69',
  h: 'һհнꮋ',
  j: 'јϳ',
  k: 'кκĸᴋ',
  l: 'iіıιlӏ1|ǀⅼⅰɩյ',
  m: 'мμᴍⅿ',
  n: 'пոηռɴ',
  o: 'оοσօ0øөჿ',
  p: 'рρϱþ',
  q: 'ԛգ',
  r: 'гᴦꭇʀ',
  s: 'ѕςꜱ5$ƽ',
  t: 'тτᴛ7†',
  u: 'υսʋᴜц',
  v: 'ѵνᴠⅴ',
  w: 'ԝωѡшᴡ',
  x: 'хχⅹ×',
  y: 'уγүʏყ',
  z: 'ζᴢ2ʐ',
}

/** Capitals that look like another letter than their small ones do. */
const capitals: Readonly<Record<string, string>> = {
  a: 'Ꭺ',
  b: 'Ᏼ',
  c: 'Ꮯ',
  d: 'Ꭰ',
  e: 'Ꭼ',
  g: 'ᏀԌ',
  h: 'ΗᎻ',
  j: 'Ꭻ',
  k: 'Ꮶ',
  l: 'Ꮮ',
  m: 'Ꮇ',
  n: 'Ν',
  p: 'Ꮲ',
  s: 'Ꮪ',
  t: 'Ꭲ',
  v: 'Ꮩ',
  w: 'Ꮃ',
  y: 'Υ',
  z: 'Ꮓ',
}

const smallOf = inverted(capitals)
const foldOf = inverted(lookAlikes)

function inverted(table: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(table).flatMap(([letter, all]) => Array.from(all).map((one) => [one, letter])),
  )
}

function replaced(text: string, by: ReadonlyMap<string, string>): string {
  return Array.from(text, (one) => by.get(one) ?? one).join('')
}

/**
 * What is left of a name when everything is taken away that an eye passes over: case, width, accents, blanks, signs, and which
 * of several letters that look alike it was. Two names of the same skeleton can be taken for one another (after UTS 39
 * section 4). To compare with, never to show.
 */
export function skeleton(name: string): string {
  const upright = name.normalize('NFKD').replace(/\p{M}/gu, '')
  const small = replaced(upright, smallOf).toUpperCase().toLowerCase()
  return replaced(small, foldOf)
    .replace(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll('cl', 'd')
}
