import type { FastifyReply } from 'fastify'
import { type Problem, problems } from '@gatehouse/kit/errors'
import { createPages, pageHeaders, sendPage } from './pages.ts'

interface Failure {
  readonly problem: Problem
  readonly txn: string
  /** Where the link to try again leads, a path of this site. */
  readonly retry: string
}

/** Shows a problem to a person. */
export type FailurePage = (reply: FastifyReply, failure: Failure) => FastifyReply

export function createFailurePage(issuer: string): FailurePage {
  const pages = createPages()
  const headers = pageHeaders(issuer)
  return (reply, { problem, txn, retry }) => {
    const { title } = problems[problem.code]
    const detail = problem.detail === undefined ? 'Please try again.' : `${problem.detail}.`
    const html = pages.render('failure', { title, detail, retry, txn })
    return sendPage(reply, problem.status, { ...headers, ...problem.headers }, html)
  }
}
