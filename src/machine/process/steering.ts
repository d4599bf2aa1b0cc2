import { setTimeout as pause } from 'node:timers/promises';
import type { Cancelled } from './exit-status.ts';
import { type OutputChannel, terminalSize } from './output-channel.ts';
import { signalGroup, signalSession } from './process-group.ts';
import { isUnderNohup, listen, passedOn, stopping } from './signals.ts';

/** How the simulation is reached: its processes, or the container that they are in. */
export interface Reach {
  /** Our own process gets no signal then: it only passes on what is printed, until the simulation has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Nothing is left to be reached. */
  ended(): void;
  /** @throws where it cannot be paused */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

export interface SteeringOptions {
  /** Where it is not processes of ours. */
  readonly reach?: Reach | null;
  readonly channels: readonly OutputChannel[];
  readonly atTerminal: boolean;
  readonly timeout: number | null;
  readonly grace: number;
  readonly onState: (state: 'paused' | 'started') => Promise<void> | void;
  readonly note: (text: string) => void;
}

export interface Steering {
  stop(signal: NodeJS.Signals): void;
  /** A look at the simulation showed this state letter. */
  onLook(state: string): void;
  /** The simulation has ended: from now on nothing pauses or times out. */
  ended(): void;
  cancelled(): Cancelled | null;
  /** Every change of state has been told. */
  settled(): Promise<void>;
  release(): void;
}

/** Listens to what can happen to a running simulation, from the call on until `release`. */
export function steer(pid: number, options: SteeringOptions): Steering {
  let cancelled: Cancelled | null = null;
  let hasEnded = false;
  let isPaused = false;
  /** While we are stopping the group ourselves, what a look at it shows is no news. */
  let isStopping = false;
  /** How many looks in a row have shown it stopped. */
  let looksAtStop = 0;
  let stops = 0;
  let states = Promise.resolve();

  const tell = (state: 'paused' | 'started') => {
    states = states
      .then(() => options.onState(state))
      .catch(error => options.note(`that it was ${state} could not be recorded: ${(error as Error).message}`));
    return states;
  };
  const { reach = null } = options;
  const send = (signal: NodeJS.Signals) => {
    if (reach === null) signalGroup(pid, signal);
    else reach.signal(signal);
  };
  const stop = (signal: NodeJS.Signals) => {
    if (hasEnded) {
      // What is left of it is being ended already.
      signalGroup(pid, signal);
      return;
    }
    cancelled ??= { by: 'signal', signal };
    send(signal);
    // Whoever insists need not wait for an engine that does not answer.
    stops += 1;
    if (reach !== null && stops >= 3) signalGroup(pid, 'SIGKILL');
  };
  const resume = () => {
    if (reach === null) signalSession(pid, 'SIGCONT');
    looksAtStop = 0;
    if (!isPaused) return;
    isPaused = false;
    reach
      ?.resume()
      .catch(error => options.note(`its container did not go on after a pause: ${(error as Error).message}`));
    void tell('started');
  };
  /** As the terminal would do to us without our listening. Nothing happens where nobody could continue us. */
  const stopOurselves = () => {
    process.off('SIGTSTP', suspend);
    process.kill(process.pid, 'SIGTSTP');
    process.on('SIGTSTP', suspend);
  };
  const hold = (held: Reach): Promise<boolean> =>
    held.pause().then(
      () => true,
      error => {
        options.note(`it was asked to pause, and went on: ${(error as Error).message}`);
        return false;
      },
    );
  const suspend = async () => {
    if (hasEnded || isPaused || isStopping) return;
    isStopping = true;
    if (reach !== null && !(await hold(reach))) {
      isStopping = false;
      return;
    }
    // Those who prepare for it, and launchers that pass it on to other machines, may do so; the others ignore it,
    // since no shell stands over them in their session, and are stopped in a way that nobody can ignore.
    if (reach === null) {
      signalSession(pid, 'SIGTSTP');
      await pause(50);
      signalSession(pid, 'SIGSTOP');
    }
    isPaused = true;
    isStopping = false;
    if (hasEnded) return;
    await tell('paused');
    if (!hasEnded && isPaused) stopOurselves();
  };
  const onLook = async (state: string) => {
    // In a container, what is looked at is the engine's program.
    if (isStopping || hasEnded || reach !== null) return;
    looksAtStop = state === 'T' ? looksAtStop + 1 : 0;
    if (state === 'T' && !isPaused) {
      // One look may meet a stop that is over in the next moment; one that stays is there at the second, too.
      if (looksAtStop < 2) return;
      isPaused = true;
      await tell('paused');
      // A shell gives its prompt back when a command stops itself.
      if (options.atTerminal && !hasEnded && isPaused) stopOurselves();
    } else if (state !== 'T' && state !== 't' && isPaused) {
      isPaused = false;
      void tell('started');
    }
  };
  const resize = () => {
    const { rows, columns } = terminalSize();
    void Promise.all(options.channels.map(channel => channel.resize(rows, columns)))
      .then(() => !hasEnded && reach === null && signalGroup(pid, 'SIGWINCH'))
      .catch(() => {});
  };

  const ignoresHangup = isUnderNohup();
  const handlers: Partial<Record<NodeJS.Signals, () => void>> = {
    SIGTSTP: suspend,
    SIGCONT: resume,
    SIGWINCH: resize,
  };
  for (const signal of stopping) handlers[signal] = () => stop(signal);
  for (const signal of passedOn)
    handlers[signal] = () => {
      if (!hasEnded) send(signal);
    };
  if (ignoresHangup) handlers.SIGHUP = () => {};
  const unlisten = listen(handlers);

  const outOfTime =
    options.timeout === null
      ? null
      : after(options.timeout, () => {
          cancelled ??= { by: 'timeout', milliseconds: options.timeout! };
          if (reach === null) {
            signalSession(pid, 'SIGTERM');
            signalSession(pid, 'SIGCONT');
            kill = setTimeout(() => signalSession(pid, 'SIGKILL'), options.grace);
          } else {
            reach.signal('SIGTERM');
            // Whoever is stopped gets it when going on.
            if (isPaused) reach.resume().catch(() => {});
            kill = setTimeout(() => reach.signal('SIGKILL'), options.grace);
          }
        });
  let kill: NodeJS.Timeout | undefined;

  return {
    stop,
    onLook: (state: string) => void onLook(state),
    release: unlisten,
    cancelled: () => cancelled,
    settled: () => states,
    ended() {
      hasEnded = true;
      reach?.ended();
      outOfTime?.();
      clearTimeout(kill);
    },
  };
}

/** Calls back once, however far off; Node's own timers overflow after 24 days. Returns how to call it off. */
function after(milliseconds: number, callback: () => void): () => void {
  const most = 2 ** 31 - 1;
  let timer: NodeJS.Timeout;
  const wait = (left: number) => {
    timer = setTimeout(() => (left > most ? wait(left - most) : callback()), Math.min(left, most));
  };
  wait(milliseconds);
  return () => clearTimeout(timer);
}
