/**
 * The draft of a policy file as YAML, with comments for whoever reviews it.
 */
import { Document, isNode } from 'yaml'
import { baseline } from '../judge/baseline.ts'
import { TODO } from '../judge/policy.ts'
import type { Report } from '../report/report.ts'
import { visible } from './page/visible.ts'

/** The YAML text, and how many entries wait for their owner. `today`: YYYY-MM-DD. */
export function policyDraft(report: Report, today: string): { readonly text: string; readonly toReview: number } {
  const { allow, flows, thresholds } = baseline(report, today)
  const document = new Document({ policy: 1, flows, allow: allow.map(({ entry }) => entry), thresholds })
  document.commentBefore = ` Drafted by ntlmscope on ${today} from ${visible(report.captures.map(({ name }) => name).join(', '))}.
 Review every entry of 'allow': write who answers for it and why it is needed, shorten its time, or take it out and mend it.
 As long as a ${TODO} stands here, the policy is not met.`
  allow.forEach(({ comment }, at) => {
    const node = document.getIn(['allow', at], true)
    if (isNode(node)) node.commentBefore = ` ${visible(comment)}`
  })
  return { text: document.toString({ lineWidth: 0 }), toReview: allow.length }
}
