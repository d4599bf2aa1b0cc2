import type { Readable } from 'node:stream';
import type { ContainerCommand } from './container-arguments.ts';

/** What an engine tells of an image that it has. */
export interface ImageFacts {
  /** By which the engine itself knows it, whatever tags come and go. */
  readonly id: string;
  /** `amd64`, `arm64`, … as Go writes them. */
  readonly architecture: string;
  readonly os: string;
  readonly labels: Readonly<Record<string, string>>;
  /** `NAME=value` */
  readonly environment: readonly string[];
  /** By which registries know it: `ghcr.io/acme/demo@sha256:…`. */
  readonly digests: readonly string[];
}

export interface BuildOptions {
  /** Absolute: the folder that is sent to the builder. */
  readonly context: string;
  /** Relative to `context`. */
  readonly file: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Nothing of earlier builds is taken. */
  readonly fresh: boolean;
  /** A folder for what is needed while it is built. */
  readonly scratch: string;
  /** Ends the builder. */
  readonly stop: AbortSignal;
  /** What the builder prints, as it comes. */
  readonly onOutput: (chunk: Buffer) => void;
}

/** How a container ended, as the engine saw it. */
export interface ContainerEnd {
  /** False: the engine could not start it, so nothing ran. */
  readonly started: boolean;
  /** It still runs: the engine's program ended before it. */
  readonly running: boolean;
  readonly exitCode: number;
  /** The kernel ended it since it took more memory than it may. */
  readonly outOfMemory: boolean;
  /** The engine's own words where it could not start it. */
  readonly error: string;
}

/** A container that is ready to be started, in the place of the simulation's own command. */
export interface ReadyContainer {
  /** Starts it with our streams, and ends with its exit code. The first word is the engine's program. */
  readonly command: readonly string[];
  /** What its program is started with. */
  readonly environment: NodeJS.ProcessEnv;
  /** What was asked for and cannot be had here, in the engine's words. */
  readonly warnings: readonly string[];
  /** By which the engine knows it; null where it is nothing but a process of ours (apptainer). */
  readonly name: string | null;
  /** @returns false where it does not run (yet, or any more) */
  kill(signal: NodeJS.Signals): Promise<boolean>;
  /** @throws Problem where this system cannot freeze a container */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** The pid of its first process on this host; null where that is not to be known. */
  processId(): Promise<number | null>;
  /** Null where it is gone or no engine stands over it. */
  end(): Promise<ContainerEnd | null>;
  /** Ends it, should it still run, and removes it. */
  remove(): Promise<void>;
}

/**
 * One container system, asked by its command line: `docker.ts`, `podman.ts`, `apptainer.ts`. An image is named by a
 * reference that `domain/image-reference.ts` has read, or by the engine's own id for it. Everything throws Problem:
 * ENGINE_FAILED with the engine's own words, UNSUPPORTED where it does not run or cannot do this, REMOTE_FAILED where a
 * registry refuses or is not reached, NOT_FOUND, NO_SPACE, DAMAGED where content has not the digest it was asked for by.
 */
export interface ContainerEngine {
  readonly system: EngineName;
  /** Builds from a Dockerfile, Containerfile or definition. @returns the image's id */
  build(options: BuildOptions): Promise<string>;
  /** Pushes an image under a name and tag. @returns the registry's digest, not the local one */
  push(image: string, to: { readonly name: string; readonly tag: string }): Promise<string>;
  /** Fetches by digest, or by tag. */
  pull(reference: string): Promise<void>;
  /** What digest a registry has under this tag: fetches it. */
  resolveDigest(reference: { readonly name: string; readonly tag: string | null }): Promise<string>;
  /** Null where the engine does not have it. */
  inspect(image: string): Promise<ImageFacts | null>;
  /** Gives an image another name. */
  tag(image: string, name: string): Promise<void>;
  /** Keeps an image as an OCI archive. @returns the digest of its manifest */
  saveArchive(image: string, file: string): Promise<string>;
  /** Takes an image out of an OCI archive. @param digest that its manifest must have @returns the image's id */
  loadArchive(file: string, digest: string): Promise<string>;
  /** Gets ready to run a command in an image that the engine has; fetches nothing. */
  prepare(command: ContainerCommand): Promise<ReadyContainer>;
  /** The image's whole file tree as a tar stream; `done` rejects where that fails. */
  files(image: string): { readonly stream: Readable; readonly done: Promise<void> };
  /** Whether the container of this name runs, or is paused; null where there is none. */
  isRunning(name: string): Promise<boolean | null>;
  /** Asks a container to end, and makes it after so many seconds. */
  stopContainer(name: string, grace: number): Promise<void>;
  removeContainer(name: string): Promise<void>;
}

export const engineNames = ['docker', 'podman', 'apptainer'] as const;
export type EngineName = (typeof engineNames)[number];

export function isEngineName(word: string): word is EngineName {
  return (engineNames as readonly string[]).includes(word);
}

/** The labels that Corroborate puts on what it makes. */
export const sourceLabel = 'corroborate.source';
export const runLabel = 'corroborate.run';
