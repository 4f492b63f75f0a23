import { bareDispatch } from '../../contestants/bare-dispatch.ts'
import { bareProxy } from '../../contestants/bare-proxy.ts'
import { gatehouse } from '../../contestants/gatehouse.ts'
import { haproxy } from '../../contestants/haproxy.ts'
import { nginx } from '../../contestants/nginx.ts'
import { tutorial } from '../../contestants/tutorial.ts'
import type { TargetId } from '../../targets.ts'
import type { GatewayCase } from './case.ts'

const [haproxyRs, haproxyEs] = [haproxy('RS256'), haproxy('ES256')]
const plain = { secure: false, size: 300 } as const

/** Comparisons of the gateway with others, by their ids. */
export const cases = {
  hot: {
    id: 'hot',
    title: 'One hot token, plain upstream',
    tokens: 'hot',
    contestants: [bareProxy, bareDispatch, nginx, haproxyRs, haproxyEs, tutorial, gatehouse],
    ...plain,
  },
  mtls: {
    id: 'mtls',
    title: 'One hot token, mTLS upstream',
    tokens: 'hot',
    contestants: [bareProxy, nginx, haproxyRs, gatehouse],
    ...plain,
    secure: true,
  },
  rotation: {
    id: 'rotation',
    title: '10,000 tokens in rotation',
    tokens: 'rotation',
    contestants: [bareProxy, gatehouse],
    ...plain,
  },
  new: {
    id: 'new',
    title: 'Every token new',
    tokens: 'new',
    contestants: [bareProxy, haproxyEs, gatehouse],
    ...plain,
  },
  medium: {
    id: 'medium',
    title: 'One hot token, 10 kB',
    tokens: 'hot',
    contestants: [bareProxy, nginx, gatehouse],
    ...plain,
    size: 10_000,
  },
  large: {
    id: 'large',
    title: 'One hot token, 100 kB',
    tokens: 'hot',
    contestants: [bareProxy, nginx, gatehouse],
    ...plain,
    size: 100_000,
  },
} as const satisfies Readonly<Record<string, GatewayCase>>

/** Which target is the ratio of Gatehouse to whom in which case. */
export const judged: readonly {
  readonly target: TargetId
  readonly of: keyof typeof cases
  readonly to: string
}[] = [
  { target: 'hot.bare', of: 'hot', to: bareProxy.name },
  { target: 'hot.haproxy', of: 'hot', to: haproxyRs.name },
  { target: 'hot.tutorial', of: 'hot', to: tutorial.name },
  { target: 'mtls.bare', of: 'mtls', to: bareProxy.name },
  { target: 'rotation.bare', of: 'rotation', to: bareProxy.name },
  { target: 'new.bare', of: 'new', to: bareProxy.name },
  { target: 'new.haproxy', of: 'new', to: haproxyEs.name },
]

/** Whom Gatehouse has targets beside in this case. */
export function rivalsIn(id: keyof typeof cases): readonly string[] {
  return judged.filter((one) => one.of === id).map(({ to }) => to)
}
