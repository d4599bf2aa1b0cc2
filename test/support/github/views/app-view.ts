import type { GitHub } from '../github.ts';
import type { App, Installation } from '../state/app.ts';
import { accountView } from './account-view.ts';
import { time } from './issue-view.ts';
import { nodeId } from './node-id.ts';

/** `integration` */
export function appView(github: GitHub, app: App) {
  return {
    id: app.id,
    client_id: `Iv1.${app.id.toString(16).padStart(16, '0')}`,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    owner: accountView(github, app.owner),
    name: app.name,
    description: '',
    external_url: github.origin,
    html_url: `${github.origin}/apps/${app.slug}`,
    created_at: time(app.createdAt)!,
    updated_at: time(app.createdAt)!,
    permissions: app.permissions,
    events: [...app.events],
  };
}

/** `installation` */
export function installationView(github: GitHub, installation: Installation) {
  const { app, account } = installation;
  return {
    id: installation.id,
    account: accountView(github, account),
    repository_selection: installation.repositories === null ? 'all' : 'selected',
    access_tokens_url: `${github.api}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${github.api}/installation/repositories`,
    html_url: `${github.origin}/settings/installations/${installation.id}`,
    app_id: app.id,
    client_id: `Iv1.${app.id.toString(16).padStart(16, '0')}`,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: installation.permissions,
    events: [...app.events],
    created_at: time(installation.createdAt)!,
    updated_at: time(installation.createdAt)!,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: null,
    suspended_at: installation.suspended ? time(installation.createdAt) : null,
  };
}
