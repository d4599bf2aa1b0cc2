import type { GitHub } from '../github.ts';
import { created, ok } from '../http/answer.ts';
import { listed } from '../http/pagination.ts';
import { notFound, Refusal, unprocessable } from '../http/refusal.ts';
import { asApp, type Call, onAnything, type Routes } from '../http/route-handler.ts';
import { holds, type Permissions } from '../permissions.ts';
import type { App, Installation } from '../state/app.ts';
import { appView, installationView } from '../views/app-view.ts';
import { repositoryView } from '../views/repository-view.ts';
import type { Delivery } from '../webhooks/delivery.ts';

const installationsOf = (github: GitHub, app: App) => github.installations.filter(one => one.app === app);

function installationOf({ github, actor, path }: Call): Installation {
  const id = Number(path.installation_id);
  const installation = installationsOf(github, actor.app!).find(one => one.id === id);
  if (installation === undefined) throw notFound();
  return installation;
}

/** The repositories that a narrowed token is for. */
function chosen(github: GitHub, installation: Installation, body: Call['body']): Set<number> | undefined {
  if (body.repositories === undefined && body.repository_ids === undefined) return undefined;
  const covered = github.repositories.filter(repository => installation.covers(repository));
  const asked = [...(body.repositories ?? []), ...(body.repository_ids ?? [])] as (string | number)[];
  const ids = asked.map(one => covered.find(({ name, id }) => id === one || name === one)?.id);
  if (ids.includes(undefined)) {
    throw unprocessable(
      'There is at least one repository that does not exist or is not accessible to the parent installation.',
    );
  }
  return new Set(ids as number[]);
}

/** `hook-delivery-item` */
function deliveryView(delivery: Delivery) {
  const last = delivery.attempts.at(-1);
  const status = last?.status ?? 0;
  return {
    id: delivery.id,
    guid: delivery.guid,
    delivered_at: (last?.at ?? delivery.createdAt).toISOString(),
    redelivery: last?.redelivery ?? false,
    duration: (last?.milliseconds ?? 0) / 1000,
    status: status === 0 ? 'failed to connect to host' : status < 400 ? 'OK' : 'Invalid HTTP Response',
    status_code: status,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installation,
    repository_id: delivery.repository,
  };
}

export const appRoutes: Routes = {
  'POST /app-manifests/{code}/conversions': onAnything(({ github, path }) => {
    const app = github.redeemsManifest(path.code!);
    if (app === undefined) throw notFound();
    const secrets = { client_secret: 'unused', webhook_secret: app.webhookSecret, pem: app.privateKey };
    return created({ ...appView(github, app), ...secrets });
  }),
  'GET /app': asApp(({ github, actor }) =>
    ok({ ...appView(github, actor.app!), installations_count: installationsOf(github, actor.app!).length }),
  ),
  'GET /app/installations': asApp(call =>
    listed(call, installationsOf(call.github, call.actor.app!), one => installationView(call.github, one)),
  ),
  'GET /app/installations/{installation_id}': asApp(call => ok(installationView(call.github, installationOf(call)))),
  'POST /app/installations/{installation_id}/access_tokens': asApp(call => {
    const { github, body } = call;
    const installation = installationOf(call);
    if (installation.suspended) throw new Refusal(403, 'This installation has been suspended');
    const permissions: Permissions = body.permissions ?? installation.permissions;
    if (!holds(installation.permissions, permissions)) {
      throw unprocessable('The permissions requested are not granted to this installation.');
    }
    const repositories = chosen(github, installation, body);
    const token = github.installationToken(installation, {
      permissions: { metadata: 'read', ...permissions },
      ...(repositories === undefined ? {} : { repositories }),
    });
    const expires = new Date(github.now().getTime() + 3_600_000).toISOString().replace(/\.\d+/, '');
    const selection = repositories === undefined && installation.repositories === null ? 'all' : 'selected';
    return created({ token, expires_at: expires, permissions, repository_selection: selection });
  }),
  'GET /repos/{owner}/{repo}/installation': asApp(({ github, actor, path }) => {
    const repository = github.repository(`${path.owner}/${path.repo}`);
    const found = installationsOf(github, actor.app!).find(one => repository !== undefined && one.covers(repository));
    if (found === undefined) throw notFound();
    return ok(installationView(github, found));
  }),
  'GET /installation/repositories': onAnything(call => {
    const { github, actor } = call;
    if (actor.kind !== 'installation')
      throw new Refusal(403, 'You must authenticate with an installation access token');
    const covered = github.repositories.filter(repository => actor.reaches(repository));
    return listed(call, covered, repository => repositoryView(github, repository), 'repositories');
  }),
  'GET /app/hook/deliveries': asApp(call => {
    const mine = call.github.webhooks.log.filter(({ app }) => app === call.actor.app);
    return listed(call, mine.toReversed(), deliveryView);
  }),
  'POST /app/hook/deliveries/{delivery_id}/attempts': asApp(({ github, actor, path }) => {
    const id = Number(path.delivery_id);
    const delivery = github.webhooks.log.find(one => one.app === actor.app && one.id === id);
    if (delivery === undefined) throw notFound();
    void github.webhooks.send(delivery);
    return { status: 202, body: {}, headers: {} };
  }),
};
