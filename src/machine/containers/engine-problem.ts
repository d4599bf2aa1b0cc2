import { Problem, type ProblemCode } from '../../domain/problem.ts';

interface Kind {
  readonly says: RegExp;
  readonly code: ProblemCode;
  /** What to do; `system` is the engine's name, `doing` what it was called for. */
  readonly advice: (system: string, doing: string) => string;
}

/** What engines and registries say, from the most telling to the least. */
const kinds: readonly Kind[] = [
  {
    says: /no space left on device|disk quota exceeded/i,
    code: 'NO_SPACE',
    advice: system => `Make room (\`${system} system df\` shows what ${system} holds; TMPDIR names where it builds).`,
  },
  {
    says: /cannot connect to the docker daemon|is the docker daemon running|error during connect|cannot connect to podman|failed to connect to .*docker|dial unix .*(?:no such file|connection refused|permission denied)/i,
    code: 'UNSUPPORTED',
    advice: system => notRunning(system),
  },
  {
    says: /container-init binary not found|docker-init.*(?:not found|no such file)|could not find .*init/i,
    code: 'UNSUPPORTED',
    advice: system =>
      `A container needs a small first process that passes signals on: install ${system === 'podman' ? '`catatonit`' : '`tini` (docker-init)'}.`,
  },
  {
    says: /does ?n[o']t match|digest mismatch|manifest verification failed|unexpected digest|invalid digest/i,
    code: 'DAMAGED',
    advice: () => 'What came is not what was recorded, so nothing was run. Ask whoever keeps that registry or file.',
  },
  {
    says: /exec format error|no (?:image found in (?:manifest list|image index)|matching manifest|child) .*(?:architecture|platform)|does not match the (?:specified|detected|expected) (?:host )?(?:platform|architecture)/i,
    code: 'UNSUPPORTED',
    advice: () => `It is for another processor than this one (${process.arch}): run it on such a machine.`,
  },
  {
    says: /unauthorized|authentication required|access denied|denied:|requested access|forbidden|no basic auth|insufficient_scope/i,
    code: 'REMOTE_FAILED',
    advice: system =>
      `The registry refused: log in (\`${system} login REGISTRY\`) as somebody who may, or name another image.`,
  },
  {
    says: /manifest (?:for .* )?(?:is )?(?:unknown|not found)|name unknown|repository .*(?:not found|does not exist)|image not known|no such image|not found: manifest|name invalid/i,
    code: 'NOT_FOUND',
    advice: (_, doing) =>
      doing.startsWith('build ')
        ? `The image that it begins from is gone, or never was under that name: look at FROM.`
        : 'The image is gone, or never was under that name: whoever built it can push it again, or `corroborate container build` makes one of the present source.',
  },
  {
    says: /connection refused|no such host|i\/o timeout|network is unreachable|tls:|x509:|server gave http response|EOF$|name resolution|dial tcp/i,
    code: 'REMOTE_FAILED',
    advice: () => 'The registry is not to be reached: check its name and the network, and try again.',
  },
];

/** What an engine's failure means, in one sentence with its own last words and what to do. */
export function engineProblem(system: string, doing: string, said: string): Problem {
  const kind = kinds.find(({ says }) => says.test(said));
  // What is gone is named already; podman names it twice more.
  const words = lastWords((kind?.code === 'NOT_FOUND' && kind.says.exec(said)?.[0]) || said);
  const advice = kind?.advice(system, doing) ?? '';
  return new Problem(
    kind?.code ?? 'ENGINE_FAILED',
    `${system} could not ${doing}: ${words.replace(/[^.!?]$/, '$&.')}${advice ? ` ${advice}` : ''}`,
  );
}

export function notRunning(system: string): string {
  return system === 'docker'
    ? 'docker is installed, but its daemon does not answer: start it (`sudo systemctl start docker`, or Docker Desktop), and see that you may use it (`docker info`).'
    : `${system} is installed, but does not answer: \`${system} info\` tells why; on a Mac, \`podman machine start\`.`;
}

/** The last line that says something, without the engine's own decoration. */
function lastWords(said: string): string {
  const lines = said
    .split('\n')
    .map(line =>
      line
        .replace(/^time="[^"]*" level=\w+ msg="?/, '')
        .replace(/^(?:(?:Error(?: response from daemon)?|ERRO\[\d+\]|docker|FATA\[\d+\]):\s*)+/i, '')
        .replace(/[\u0000-\u001f\u007f]/g, '')
        .trim(),
    )
    .filter(line => line !== '' && !/^Run 'docker|^See 'docker|^exit status/.test(line));
  return (lines.at(-1) ?? 'it did not say why').slice(0, 1000);
}
