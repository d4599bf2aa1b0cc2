import type { RecordAtom } from '../../domain/generated/shapes.ts';
import { type Colour, plain, type Terminal } from './terminal.ts';

const statusColour: Readonly<{ [status: string]: Colour }> = {
  finished: 'green',
  failed: 'red',
  cancelled: 'yellow',
  unknown: 'red',
  started: 'cyan',
  paused: 'cyan',
};

export function paintRecordStatus(record: RecordAtom, terminal: Terminal): string {
  const { exit_code: code, signal } = record.program;
  const why =
    record.status === 'finished' ? '' : signal !== null ? ` ${signal}` : code !== null && code !== 0 ? ` ${code}` : '';
  return terminal.paint(statusColour[record.status] ?? 'dim', plain(record.status + why));
}
