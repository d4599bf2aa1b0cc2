import { Problem } from './problem.ts';

/**
 * An image as an engine is told of it, in full: `docker.io/library/debian:12` where `debian:12` was meant. The grammar is
 * that of github.com/distribution/reference; nothing that passes it can be taken for an option of a command line.
 */
export interface ImageReference {
  /** Registry and repository, e.g. `ghcr.io/acme/demo`. */
  readonly name: string;
  readonly registry: string;
  readonly tag: string | null;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string | null;
}

/** An image that is kept as a file: an OCI archive with the digest of the manifest in it, or a SIF with its own. */
export interface ArchiveReference {
  /** Relative to the top of the working tree, or absolute. */
  readonly path: string;
  readonly digest: string;
}

const host =
  /^(?:localhost|\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::\d{1,5})?$/;
const part = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestForm = /^sha256:[0-9a-f]{64}$/;
/** Longest registry and repository (distribution/reference). */
const longestName = 255;
const archiveForm = /^(?:oci-archive|sif):(.*)@(sha256:[0-9a-f]{64})$/s;

/**
 * Reads what a person or a configuration calls an image.
 * @throws Problem USAGE where it is no image's name, an option (`--privileged`) above all
 */
export function parseImageReference(text: string): ImageReference {
  const wrong = (because: string) =>
    new Problem(
      'USAGE',
      `${JSON.stringify(text)} is no name of an image: ${because}. Write it as ghcr.io/acme/demo:1.2.`,
    );
  if (text.startsWith('-')) throw wrong('it looks like an option');
  const at = text.indexOf('@');
  const digest = at < 0 ? null : text.slice(at + 1);
  if (digest !== null && !digestForm.test(digest)) throw wrong('what follows @ is no sha256 digest');
  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.lastIndexOf(':');
  const hasTag = colon > tagged.lastIndexOf('/') && colon >= 0;
  const tag = hasTag ? tagged.slice(colon + 1) : null;
  if (tag !== null && !tagForm.test(tag)) throw wrong(`${JSON.stringify(tag)} is no tag`);
  const { registry, repository } = inFull(hasTag ? tagged.slice(0, colon) : tagged);
  if (!host.test(registry)) throw wrong(`${JSON.stringify(registry)} is no registry`);
  if (!repository.split('/').every(name => part.test(name))) {
    throw wrong('a repository is made of lower-case letters, digits and single . _ - between them');
  }
  const name = `${registry}/${repository}`;
  if (name.length > longestName) throw wrong(`it is longer than ${longestName} characters`);
  return { name, registry, tag, digest };
}

/** The first part is a registry where it could be no repository's (the rule of docker): with a dot, a port, or localhost. */
function inFull(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  const isHost = first === 'localhost' || /[.:[]/.test(first);
  if (isHost) return { registry: first, repository: name.slice(slash + 1) };
  return { registry: 'docker.io', repository: slash < 0 ? `library/${name}` : name };
}

/** As an engine is called with: by digest where there is one, else by tag, which is `latest` unless told. */
export function formatImageReference({ name, tag, digest }: ImageReference): string {
  return digest === null ? `${name}:${tag ?? 'latest'}` : `${name}@${digest}`;
}

/** What may stand in a history: always by digest, never by a tag. @throws Problem DEFECT for another digest */
export function pinned(name: string, digest: string): string {
  if (!digestForm.test(digest)) throw new Problem('DEFECT', `${JSON.stringify(digest)} is no digest of an image`);
  return `${name}@${digest}`;
}

export function digestOf(image: string): string {
  return image.slice(image.lastIndexOf('@') + 1);
}

/** `oci-archive:PATH@sha256:…`; what no such field may hold, white space above all, is percent-encoded. */
export function formatArchiveReference({ path, digest }: ArchiveReference): string {
  const scheme = path.endsWith('.sif') ? 'sif' : 'oci-archive';
  return pinned(`${scheme}:${path.replace(/[\s%@\p{Cc}]/gu, encodeURIComponent)}`, digest);
}

/** Null where a history's image is one of a registry. @throws Problem INVALID for broken percent-encoding */
export function parseArchiveReference(image: string): ArchiveReference | null {
  const [, path, digest] = archiveForm.exec(image) ?? [];
  if (path === undefined || digest === undefined) return null;
  try {
    return { path: decodeURIComponent(path), digest };
  } catch {
    throw new Problem('INVALID', `${JSON.stringify(image)} names no archive: its percent-encoding is broken.`);
  }
}
