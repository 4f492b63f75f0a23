import { nodeContestant } from './program.ts'

/** RS256, which costs jsonwebtoken a third of what ES256 does. */
export const tutorial = nodeContestant('tutorial stack', 'programs/tutorial.ts', 'RS256')
