import { addComment, deleteComment, editComment } from '../deeds/change-issue.ts';
import { doer } from '../deeds/doer.ts';
import { created, noContent, ok } from '../http/answer.ts';
import { listed } from '../http/pagination.ts';
import { notFound } from '../http/refusal.ts';
import { onRepository, type RepositoryCall, type Routes } from '../http/route-handler.ts';
import type { Comment } from '../state/comment.ts';
import { commentView } from '../views/issue-view.ts';
import { issueOf, readsIssues, writesIssues } from './issues.ts';
import { demandAuthorOrWriter } from './pulls.ts';

function commentOf({ repository, path }: RepositoryCall): Comment {
  const comment = repository.comments.get(Number(path.comment_id));
  if (comment === undefined) throw notFound();
  return comment;
}

export const commentRoutes: Routes = {
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments': onRepository(readsIssues, call => {
    const issue = issueOf(call);
    const since = call.query.get('since');
    const comments = [...call.repository.comments.values()]
      .filter(comment => comment.issue === issue)
      .filter(comment => since === null || comment.updatedAt >= new Date(since));
    return listed(call, comments, comment => commentView(call.github, comment));
  }),
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments': onRepository(writesIssues, call => {
    const comment = addComment(call.github, issueOf(call), call.body.body, doer(call.actor));
    return created(commentView(call.github, comment));
  }),
  'GET /repos/{owner}/{repo}/issues/comments/{comment_id}': onRepository(readsIssues, call =>
    ok(commentView(call.github, commentOf(call))),
  ),
  'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}': onRepository(writesIssues, call => {
    const comment = commentOf(call);
    demandAuthorOrWriter(call, comment.author);
    editComment(call.github, comment, call.body.body, doer(call.actor));
    return ok(commentView(call.github, comment));
  }),
  'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}': onRepository(writesIssues, call => {
    const comment = commentOf(call);
    demandAuthorOrWriter(call, comment.author);
    deleteComment(call.github, comment, doer(call.actor));
    return noContent();
  }),
};
