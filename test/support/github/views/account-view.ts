import type { GitHub } from '../github.ts';
import type { Account } from '../state/account.ts';
import { nodeId } from './node-id.ts';

/** `simple-user` */
export function accountView(github: GitHub, account: Account) {
  const url = `${github.api}/users/${encodeURIComponent(account.login)}`;
  return {
    login: account.login,
    id: account.id,
    node_id: nodeId(account.type, account.id),
    avatar_url: `${github.origin}/avatars/u/${account.id}`,
    gravatar_id: '',
    url,
    html_url: `${github.origin}/${account.login.replace('[bot]', '')}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: account.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

/** `public-user` */
export function publicAccountView(github: GitHub, account: Account) {
  return {
    ...accountView(github, account),
    name: null,
    company: null,
    blog: '',
    location: null,
    email: null,
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: account.createdAt.toISOString(),
    updated_at: account.createdAt.toISOString(),
  };
}
