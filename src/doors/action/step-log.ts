import { randomUUID } from 'node:crypto';
import { redactionOf, shortestSecret } from '../../domain/redaction.ts';
import { plain } from '../cli/terminal.ts';

export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly title: string;
  readonly message: string;
  /** In the repository. */
  readonly file?: string;
  readonly line?: number;
}

/** The step's log, which is also how the runner is told what to do: all of it goes through here, in order. */
export interface StepLog {
  /** The runner shows *** for these, in all that follows in the job, and so do we. */
  hide(secrets: readonly string[]): void;
  /** The text without what is hidden, for other places than the log. */
  hidden(text: string): string;
  say(sentence: string): void;
  annotate(annotation: Annotation): void;
  /** What is printed until the end is the simulation's: it is folded, and no command. */
  beginOutput(title: string): void;
  /** Whole lines. */
  print(lines: string): Promise<void>;
  endOutput(): void;
  /** Everything is written. */
  done(): Promise<void>;
}

/** @param write to standard output, all of it, before it resolves */
export function stepLog(write: (bytes: Uint8Array) => Promise<void>): StepLog {
  let redaction = redactionOf([]);
  const known = new Set<string>();
  let ending: string | null = null;
  let turn: Promise<void> = Promise.resolve();
  const line = (text: string) => {
    turn = turn.then(() => write(Buffer.from(`${text}\n`)));
    // A log that nobody takes any more must not lose the record.
    turn = turn.catch(() => {});
    return turn;
  };
  /** The runner acts on `::…` at the start of a line and on `##[…]` anywhere in it. */
  const inert = (text: string) => plain(redaction.text(text)).replaceAll('##[', '##\u200b[');
  return {
    hide(secrets) {
      for (const word of secrets.flatMap(secret => secret.split(/\r?\n/)).map(text => text.trim())) {
        if (word.length < shortestSecret || known.has(word)) continue;
        known.add(word);
        void line(`::add-mask::${escapeData(word)}`);
      }
      redaction = redactionOf([...known]);
    },
    hidden: text => redaction.text(text),
    say: sentence => void line(`corroborate: ${inert(sentence)}`),
    annotate({ level, title, message, file, line: at }) {
      const said = redaction.text(message);
      // A command is none while those of the simulation are not.
      if (ending !== null) return void line(`corroborate: ${inert(message)}`);
      const properties = Object.entries({ file, line: at, title: redaction.text(title) })
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${name}=${escapeProperty(String(value))}`);
      void line(`::${level} ${properties.join(',')}::${escapeData(said)}`);
    },
    beginOutput(title) {
      ending = randomUUID();
      void line(`::group::${escapeData(redaction.text(title))}`);
      void line(`::stop-commands::${ending}`);
    },
    print(lines) {
      turn = turn.then(() => write(Buffer.from(lines)));
      return turn;
    },
    endOutput() {
      if (ending === null) return;
      void line(`::${ending}::`);
      void line('::endgroup::');
      ending = null;
    },
    done: () => turn,
  };
}

/** As @actions/core escapes what stands behind `::`. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
