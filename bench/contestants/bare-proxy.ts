import { nodeContestant } from './program.ts'

export const bareProxy = nodeContestant('bare http-proxy', 'programs/bare-proxy.ts', undefined)
