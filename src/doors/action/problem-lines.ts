import type { Annotation } from './step-log.ts';

/** GitHub shows ten of a kind a step. */
const most = 8;

interface Found {
  readonly title: string;
  readonly message: string;
  readonly file: string;
  readonly line: number;
}

/** Reads what a simulation prints for lines that tell where it failed, a few of them. */
export interface ProblemLines {
  read(lines: string): void;
  /** @param failed whether the run came to nothing: else what it printed is worth a look at the most */
  found(failed: boolean): Annotation[];
}

/** `File "model.py", line 3, in step`: the frames of a Python traceback, the last of which is where it was raised. */
const pythonFrame = /^\s+File "([^"]+)", line (\d+)/;
const pythonEnd = /^((?:\w+\.)*\w*(?:Error|Exception|Exit|Interrupt|Warning)\b[\w.]*)(?::\s*(.*))?$/;
/** gcc, clang, gfortran, rustc's short form, tsc: `model.c:12:3: error: …` */
const compiler = /^([^\s:][^:]*):(\d+):(?:\d+:)? *((?:fatal )?error): *(.+)$/i;
/** `At line 12 of file model.f90`, gfortran's runtime; what went wrong is in the next line. */
const fortran = /^At line (\d+) of file (\S+)/;
/** `    at step (/home/ada/model.mjs:12:5)`: Node's frames, below the sentence; the first is where it was thrown. */
const nodeFrame = /^\s+at (?:.*\()?(?:file:\/\/)?(\/[^():]+):(\d+):\d+\)?$/;
const nodeError = /^(?:Uncaught )?((?:[A-Z]\w*)?Error)(?: \[\w+\])?: (.+)$/;

/** @param inside the path in the repository; null for what is not of it: a library's line helps nobody here */
export function problemLines(inside: (path: string) => string | null): ProblemLines {
  const found = new Map<string, Found>();
  let frame: { readonly file: string; readonly line: number } | null = null;
  let thrown: { readonly title: string; readonly message: string } | null = null;
  let runtime: { readonly file: string; readonly line: number } | null = null;

  const add = (file: string, line: number, title: string, message: string) => {
    const key = `${file}:${line}:${title}`;
    if (found.size < most && !found.has(key)) found.set(key, { file, line, title, message: message.slice(0, 1000) });
  };
  const place = (path: string, line: string) => {
    const file = inside(path);
    return file === null ? null : { file, line: Number(line) };
  };

  function readLine(text: string): void {
    if (runtime !== null) {
      add(runtime.file, runtime.line, 'Fortran runtime error', text.replace(/^Fortran runtime error: /, ''));
      runtime = null;
      return;
    }
    const python = pythonFrame.exec(text);
    if (python) {
      frame = place(python[1]!, python[2]!) ?? frame;
      return;
    }
    const node = nodeFrame.exec(text);
    if (node) {
      const at = thrown === null ? null : place(node[1]!, node[2]!);
      if (at !== null) {
        add(at.file, at.line, thrown!.title, thrown!.message);
        thrown = null;
      }
      return;
    }
    // What a frame shows of the source is indented.
    if (/^\s/.test(text) || text === '') return;
    const raised = frame === null ? null : pythonEnd.exec(text);
    if (raised) {
      add(frame!.file, frame!.line, raised[1]!, raised[2] || raised[1]!);
      frame = null;
      return;
    }
    if (/^Traceback /.test(text)) frame = null;
    const error = nodeError.exec(text);
    thrown = error ? { title: error[1]!, message: error[2]! } : null;
    const compiled = compiler.exec(text);
    const at = compiled ? place(compiled[1]!, compiled[2]!) : null;
    if (at !== null) add(at.file, at.line, compiled![3]!, compiled![4]!);
    const stopped = fortran.exec(text);
    runtime = stopped ? place(stopped[2]!, stopped[1]!) : null;
  }

  return {
    read(lines) {
      for (const line of lines.split('\n')) readLine(line.replace(/\r$/, '').slice(0, 2000));
    },
    found: failed =>
      [...found.values()].map(({ file, line, title, message }) => ({
        level: failed ? 'error' : 'warning',
        title,
        message,
        file,
        line,
      })),
  };
}
