import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { Refusal } from '../http/refusal.ts';
import { Actor } from './actor.ts';
import type { App } from './app.ts';

const prefixes = { personal: 'ghp', installation: 'ghs', workflow: 'ghs' } as const;
const nobody = new Actor({ kind: 'anonymous', label: 'anonymous' });

/** Which token stands for whom. */
export class TokenRegister {
  readonly #now: () => Date;
  readonly #apps: readonly App[];
  readonly #actors = new Map<string, Actor>();

  constructor(apps: readonly App[], now: () => Date) {
    this.#apps = apps;
    this.#now = now;
  }

  issue(actor: Actor): string {
    const token = `${prefixes[actor.kind as keyof typeof prefixes]}_${randomBytes(18).toString('hex')}`;
    this.#actors.set(token, actor);
    return token;
  }

  revoke(token: string): void {
    this.#actors.delete(token);
  }

  /** @throws 401 as GitHub does for what it does not know */
  actor(token: string): Actor {
    if (token.split('.').length === 3) return this.#app(token);
    const actor = this.#actors.get(token);
    if (actor === undefined || (actor.expires !== null && actor.expires <= this.#now())) {
      throw new Refusal(401, 'Bad credentials');
    }
    if (actor.installation?.suspended) throw new Refusal(403, 'This installation has been suspended');
    return actor;
  }

  /** @param header of `Authorization`: `token …`, `bearer …`, or Basic with the token as the password */
  fromHeader(header: string | undefined): Actor {
    if (header === undefined) return nobody;
    const [, scheme = '', rest = ''] = /^(\w+) +(.+)$/.exec(header) ?? [];
    if (/^(token|bearer)$/i.test(scheme)) return this.actor(rest);
    if (/^basic$/i.test(scheme)) {
      const [user = '', ...password] = Buffer.from(rest, 'base64').toString('utf8').split(':');
      return this.actor(password.join(':') || user);
    }
    throw new Refusal(401, 'Bad credentials');
  }

  /** A JSON Web Token that an App signed with its private key. */
  #app(token: string): Actor {
    const undecodable = () => new Refusal(401, 'A JSON web token could not be decoded');
    const [head = '', body = '', signature = ''] = token.split('.');
    let claims: { readonly iss?: unknown; readonly iat?: unknown; readonly exp?: unknown };
    try {
      const { alg } = JSON.parse(Buffer.from(head, 'base64url').toString('utf8'));
      if (alg !== 'RS256') throw undecodable();
      claims = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
    } catch {
      throw undecodable();
    }
    const app = this.#apps.find(({ id }) => String(id) === String(claims.iss));
    if (app === undefined) throw new Refusal(404, 'Integration not found');
    const signed = Buffer.from(`${head}.${body}`);
    if (!verify('RSA-SHA256', signed, createPublicKey(app.publicKey), Buffer.from(signature, 'base64url'))) {
      throw undecodable();
    }
    const now = this.#now().getTime() / 1000;
    if (typeof claims.exp !== 'number' || claims.exp <= now) {
      throw new Refusal(
        401,
        "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
      );
    }
    if (typeof claims.iat !== 'number' || claims.iat > now + 1) {
      throw new Refusal(
        401,
        "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
      );
    }
    if (claims.exp > now + 610) throw new Refusal(401, "'Expiration time' claim ('exp') is too far in the future");
    return new Actor({ kind: 'app', app, label: `app ${app.slug}` });
  }
}
