import { isSameUser, spokesperson, userName } from '../user.ts';
import { broken, field, holds, nothingToJudge, type Rule, unknown } from './rule.ts';

export const sender: Rule = {
  id: 'sender',
  promise: 'whoever opened the request is its sender and owns the record that the claim comes from',
  check({ author, diff, from, path, project }) {
    if (!diff || !from) return nothingToJudge;
    if ('unknown' in author) return unknown(author.unknown);
    if (!isSameUser(author.user, diff.sender)) {
      return broken(
        `the sender is ${userName(diff.sender)}, but ${userName(author.user)} opened the request`,
        field(path, 'sender'),
      );
    }
    const owner = spokesperson(from.record.owner, project.owner);
    if (!isSameUser(diff.sender, owner)) {
      return broken(
        `the sender is ${userName(diff.sender)}, but the record ${diff.from} belongs to ${userName(owner)}: only its owner can make a claim with it`,
        field(path, 'sender'),
      );
    }
    return holds(`${userName(owner)} owns ${diff.from}`);
  },
};
