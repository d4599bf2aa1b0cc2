import { StringDecoder } from 'node:string_decoder';
import type { Redaction } from '../../domain/redaction.ts';
import type { PrintOutput } from '../../machine/process/simulation.ts';

/** Characters of a line that is shown in one piece. */
const longestLine = 64 * 1024;

export interface ShownOutput {
  readonly print: PrintOutput;
  /** What stands behind the last line's end is shown too. */
  end(): Promise<void>;
}

/**
 * The simulation's two streams as whole lines of one, with its secrets hidden: the runner reads line by line, and reads
 * our two streams apart, so that what is said on the one could overtake the other.
 * @param show takes whole lines
 */
export function shownOutput(redaction: Redaction, show: (lines: string) => Promise<void>): ShownOutput {
  const streams = {
    stdout: { rest: '', decoder: new StringDecoder() },
    stderr: { rest: '', decoder: new StringDecoder() },
  };
  return {
    async print(chunk, name) {
      const stream = streams[name];
      const text = redaction.text(stream.rest + stream.decoder.write(chunk as Buffer));
      let end = text.lastIndexOf('\n') + 1;
      const isLong = text.length - end > longestLine;
      // A secret that is whole is hidden by now; one that only begins here stays back.
      if (isLong) end = text.length - Math.min(redaction.longest, longestLine);
      stream.rest = text.slice(end);
      if (end > 0) await show(text.slice(0, end) + (isLong ? '\n' : ''));
    },
    async end() {
      for (const stream of Object.values(streams)) {
        const text = stream.rest + stream.decoder.end();
        stream.rest = '';
        if (text !== '') await show(`${redaction.text(text)}\n`);
      }
    },
  };
}
