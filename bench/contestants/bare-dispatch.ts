import { nodeContestant } from './program.ts'

export const bareDispatch = nodeContestant('bare dispatch', 'programs/bare-dispatch.ts', undefined)
