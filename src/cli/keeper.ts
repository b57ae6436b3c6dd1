/**
 * The keeper of the process: its main thread, which starts a thread for the command and watches it.
 *
 * Whatever a user's module does, the process ends, and says how: a guard that loops is ended when the time that the command line
 * gives is over, or by a second Ctrl-C; `process.exit` ends a thread only; a promise that nobody settles, a late exception and an
 * exhausted heap are told with the module's name. So this file loads as little as it can, and runs none of the user's code.
 */
import { constants } from 'node:os';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { EXIT } from '../system/verdict.ts';
import { threadEntry } from '../threads/entry.ts';
import type { Options } from './check.ts';
import type { CommandData } from './command.ts';
import type { Judged } from './junit.ts';
import { heapBytesFor, residentBytes, residentBytesFor } from './machine-memory.ts';
import type { KeptBound, News, Request, UserModule } from './news.ts';
import { Screen } from './screen.ts';
import { parseBytes } from './text.ts';
import { changeText, Watch } from './watch.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type Signal = (typeof SIGNALS)[number];

/** Beyond the time that was given, a command may take so long to end by itself. */
const GRACE_MS = 1200;
/** So long after a signal it should have heard that it should stop. */
const HEARD_MS = 2000;
/** Signals that are so close are one: of npm and of the terminal, when Ctrl-C reaches both. */
const SAME_SIGNAL_MS = 25;
/** A thread that does not end within this waits for the system, as for a reader that does not read: then neither would `process.exit`. */
const TERMINATE_MS = 1000;
/** It has so much more time when there is nobody who waits for the end, and the status would be lost. */
const TERMINATE_LATE_MS = 10_000;
/** After so much silence it says what the command does, and looks more often than that whether there is silence. */
const SILENCE_MS = 1000;
const LOOK_MS = 250;
/** A module that has not been loaded by then is named. */
const LOADING_MS = 8000;
const TIMER_MS_MAX = 2 ** 31 - 1;
/** How often it looks at the process's memory. */
const MEMORY_MS = 50;

/** What a keeper that watches files leaves to the next one. */
interface Before {
  readonly screen: Screen;
  readonly watch: Watch;
  readonly status: number | undefined;
}

export class Keeper {
  readonly #args: readonly string[];
  readonly #isQuiet: boolean;
  readonly #screen: Screen;
  readonly #modules: UserModule[] = [];
  #worker!: Worker;
  /** To the command alone: its thread's own port is open to the user's code as well. */
  readonly #ports = new MessageChannel();
  /** Nothing that the command still does counts. */
  #isOver = false;
  #phase = 'starting';
  #phaseSince = performance.now();
  #lastNews = performance.now();
  #exitCode: number | undefined;
  #isStoppable = false;
  #asked: { readonly signal: Signal; readonly at: number } | undefined;
  #hasHeard = false;
  #isBusy = false;
  /** When the command should have stopped, on the clock of `performance`. */
  #bound: number | undefined;
  #boundSeconds = 0;
  #timer: NodeJS.Timeout | undefined;
  #loading: NodeJS.Timeout | undefined;
  #searches: { readonly options: Options; readonly results: Judged[] } | undefined;
  readonly #finished = new Set<number>();
  /** When the search began that is under way. */
  #searchSince = performance.now();

  /** `check --watch`; a new thread for each check loads everything anew. */
  #watch: Watch | undefined;
  /** The status of the last check that has ended. */
  #status: number | undefined;
  /** Waits for a change. */
  #isWaiting = false;
  readonly #intervals: NodeJS.Timeout[] = [];

  constructor(args: readonly string[], before?: Before) {
    this.#args = args;
    this.#isQuiet = args.some((arg) => arg === '--quiet' || arg.startsWith('--log-level'));
    this.#screen = before?.screen ?? new Screen();
    if (!before) this.#screen.follow();
    this.#status = before?.status;
    if (before) this.#look(before.watch);
  }

  start(): void {
    for (const signal of SIGNALS) process.on(signal, () => this.#onSignal(signal));
    const { url, options } = threadEntry('command');
    const data: CommandData = { args: this.#args, screen: this.#screen.memory, keeper: this.#ports.port2 };
    const asked = askedBytes(this.#args);
    this.#worker = new Worker(url, {
      ...options,
      argv: [...this.#args],
      workerData: data,
      transferList: [this.#ports.port2],
      // A standard stream that was opened again there must not be closed with the thread.
      trackUnmanagedFds: false,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(heapBytesFor(asked) / 2 ** 20) },
    });
    this.#watchMemory(residentBytesFor(asked));
    this.#ports.port1.on('message', (news: News) => this.#hear(news));
    this.#worker.on('error', (error: unknown) => {
      this.#hearRest();
      this.#onError(error);
    });
    this.#worker.on('exit', () => {
      this.#hearRest();
      this.#onExit();
    });
    if (!this.#isQuiet) this.#intervals.push(setInterval(() => this.#show(), LOOK_MS).unref());
  }

  /** What the thread said before its end may still be on its way. */
  #hearRest(): void {
    const { port1 } = this.#ports;
    for (let next = receiveMessageOnPort(port1); next; next = receiveMessageOnPort(port1)) {
      this.#hear(next.message as News);
    }
  }

  #hear(news: News): void {
    if (this.#isOver) return;
    this.#lastNews = performance.now();
    switch (news.kind) {
      case 'phase':
        this.#phase = news.text;
        this.#phaseSince = this.#lastNews;
        break;
      case 'module':
        this.#modules.push(news.module);
        this.#loading = setTimeout(() => this.#sayLoading(news.module.path), LOADING_MS);
        // It is for whoever waits, and nothing waits for it.
        this.#loading.unref();
        break;
      case 'loaded':
        clearTimeout(this.#loading);
        break;
      case 'exit':
        this.#exitCode = news.code;
        break;
      case 'bound':
        this.#boundSeconds = news.seconds ?? 0;
        this.#bound = news.seconds === null ? undefined : this.#lastNews + news.seconds * 1000;
        this.#watchBound();
        break;
      case 'busy':
        this.#isBusy = news.is;
        if (!news.is && this.#bound !== undefined) this.#bound = Math.max(this.#bound, this.#lastNews);
        this.#watchBound();
        break;
      case 'stoppable':
        this.#isStoppable = news.is;
        break;
      case 'stopping':
        this.#hasHeard = true;
        break;
      case 'watch':
        if (!this.#watch) this.#look(new Watch());
        this.#watch!.follow(news.sources);
        break;
      case 'searches':
        this.#searches = { options: news.options, results: [...news.results] };
        break;
      case 'result':
        this.#know(news.index, news.result);
        this.#finished.add(news.index);
        break;
      case 'counts':
        this.#know(news.index, news.counts);
        this.#searchSince = this.#lastNews - news.counts.seconds * 1000;
        break;
      case 'done':
        // Also if a user's module left a timer or a server behind; everything is written.
        this.#end(news.status);
        break;
      default:
        news satisfies never;
    }
  }

  #know(index: number, known: Partial<Judged['result']>): void {
    // Others than `check` make searches as well, and have nothing to say before they end.
    if (!this.#searches) return;
    const { results } = this.#searches;
    const before = results[index]!;
    results[index] = { ...before, result: { ...before.result, ...known } };
  }

  /** What a command does that has nothing to say for a while. */
  #show(): void {
    const now = performance.now();
    if (this.#isOver || now - this.#lastNews < SILENCE_MS) return;
    this.#screen.show(`${this.#phase}  ${Math.round((now - this.#phaseSince) / 1000)} s`);
  }

  #sayLoading(module: string): void {
    if (this.#isOver || this.#isQuiet) return;
    const why = 'it is large, or still running (a top-level await, a loop, a question to somebody)';
    this.#screen.say(`faultline: ${module} is not loaded after ${LOADING_MS / 1000} s: ${why}\n`);
  }

  // --- bounds ---

  #watchBound(): void {
    clearTimeout(this.#timer);
    if (this.#bound === undefined || this.#isBusy) return;
    const left = this.#bound - performance.now() + GRACE_MS;
    if (left > TIMER_MS_MAX) return;
    // What says the last words takes a moment to load.
    this.#timer = setTimeout(
      () => {
        void lastWords();
        this.#timer = setTimeout(() => void this.#onBound(), GRACE_MS / 2);
      },
      Math.max(0, left - GRACE_MS / 2),
    );
  }

  /** What a search cannot see: a step that does not come back and takes more and more, and all that is no search. */
  #watchMemory(bytesMax: number): void {
    const watch = () => {
      if (this.#isOver || residentBytes() <= bytesMax) return;
      void this.#endEarly('memory', `out of memory while ${this.#phase}`);
    };
    this.#intervals.push(setInterval(watch, MEMORY_MS).unref());
  }

  async #onBound(): Promise<void> {
    if (this.#isOver) return;
    const why = `still ${this.#phase} when ${this.#boundSeconds} s were over: it was ended`;
    await this.#endEarly('seconds', `${why}\n  ${WHY_ENDLESS}`);
  }

  // --- signals ---

  #onSignal(signal: Signal): void {
    if (this.#isWaiting) process.exit(this.#status);
    if (this.#isOver && !this.#asked) return;
    const now = performance.now();
    if (this.#asked && now - this.#asked.at < SAME_SIGNAL_MS) return;
    if (this.#asked || !this.#isStoppable) {
      void this.#quit(signal);
      return;
    }
    this.#asked = { signal, at: now };
    const again = signal === 'SIGINT' ? 'Ctrl-C again to quit at once' : `another ${signal} quits at once`;
    this.#screen.say(`faultline: stopping; ${again}\n`);
    this.#ports.port1.postMessage({ kind: 'stop' } satisfies Request);
    setTimeout(() => void this.#onUnheard(signal), HEARD_MS).unref();
  }

  async #onUnheard(signal: Signal): Promise<void> {
    if (this.#isOver || this.#hasHeard || this.#isBusy) return;
    const why = `still ${this.#phase}, which does not stop`;
    // Who presses a key can do so again; who sends a signal may not.
    if (signal === 'SIGINT') this.#screen.say(`faultline: ${why}; Ctrl-C again to quit at once\n`);
    else await this.#endEarly('interrupted', `${why}: it was ended`, statusOf(signal));
  }

  async #quit(signal: Signal): Promise<void> {
    this.#isOver = true;
    this.#screen.takeOver();
    this.#screen.say(this.#asked ? '' : `faultline: ${signal} while ${this.#phase}\n`);
    if (await this.#terminated(TERMINATE_MS)) process.exit(statusOf(signal));
    killThis(signal);
  }

  // --- the thread's end ---

  #onError(error: unknown): void {
    if (this.#isOver) return;
    const { code } = (error ?? {}) as { code?: unknown };
    if (code === 'ERR_WORKER_OUT_OF_MEMORY') {
      void this.#endEarly('memory', `out of memory while ${this.#phase}`);
      return;
    }
    this.#isOver = true;
    this.#screen.takeOver();
    void import('./blame.ts').then(({ explainLate }) => {
      this.#end(explainLate(error, this.#modules, (text) => this.#screen.say(text)));
    });
  }

  /** The thread ended without a word: `process.exit` was called, or nothing can happen any more that it waits for. */
  #onExit(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#screen.takeOver();
    const module = this.#modules.at(-1)?.path;
    const what =
      this.#exitCode === undefined
        ? 'waits for something that cannot happen any more'
        : `called process.exit(${this.#exitCode})`;
    if (module === undefined) {
      this.#screen.say(`faultline: this is a bug in faultline, please report it: the command ${what}\n`);
      this.#end(EXIT.internal);
      return;
    }
    const hint =
      this.#exitCode === undefined
        ? 'look for a promise that nothing resolves, as of an await at its top level'
        : 'a module that is checked may not end the process';
    this.#screen.say(
      `faultline: the model is wrong (exception): the module ${module} ${what}, while ${this.#phase}\n  ${hint}\n`,
    );
    this.#end(EXIT.model);
  }

  /** Ends the command, and says what was known. */
  async #endEarly(bound: KeptBound, why: string, status: number = EXIT.unknown): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#timer);
    const seconds = (performance.now() - this.#searchSince) / 1000;
    await this.#terminated(TERMINATE_MS);
    this.#screen.takeOver();
    this.#screen.say(`faultline: ${why}\n`);
    const { conclude } = await lastWords();
    const ending = { bound, seconds, finished: this.#finished };
    const told = this.#searches ? conclude(this.#searches, ending, this.#screen) : EXIT.unknown;
    if (await this.#terminated(TERMINATE_LATE_MS)) this.#end(status === EXIT.unknown ? told : status);
    else killThis('SIGKILL');
  }

  /** The end of the process; when it watches, of one check. */
  #end(status: number): void {
    if (!this.#watch || this.#asked) process.exit(status);
    this.#isOver = true;
    this.#isWaiting = true;
    this.#status = status;
    void this.#worker.terminate();
    this.#screen.takeOver();
    const { count } = this.#watch;
    const files = count === 1 ? 'a file' : `${count} files`;
    this.#screen.say(`\nfaultline: status ${status}; watching ${files}, Ctrl-C ends\n`);
  }

  // --- watching ---

  #look(watch: Watch): void {
    this.#watch = watch;
    watch.onChange((paths) => void this.#again(watch, paths));
  }

  /** Checks again; a search that is under way is about what is no more. */
  async #again(watch: Watch, paths: readonly string[]): Promise<void> {
    this.#hearRest();
    // Results are being written, or said by others than the thread.
    if (this.#asked || this.#isBusy || (this.#isOver && !this.#isWaiting)) {
      this.#look(watch);
      return;
    }
    this.#isOver = true;
    this.#isWaiting = true;
    clearTimeout(this.#timer);
    for (const interval of this.#intervals) clearInterval(interval);
    await this.#terminated(TERMINATE_MS);
    this.#ports.port1.close();
    for (const signal of SIGNALS) process.removeAllListeners(signal);
    this.#screen.takeOver();
    this.#screen.clear();
    this.#screen.say(`faultline: ${changeText(paths)}: checking again\n\n`);
    watch.restart();
    new Keeper(this.#args, { screen: this.#screen, watch, status: this.#status }).start();
  }

  /** Ends the thread; false when it does not end in time. */
  async #terminated(milliseconds: number): Promise<boolean> {
    const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), milliseconds));
    return await Promise.race([this.#worker.terminate().then(() => true), late]);
  }
}

function killThis(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

const WHY_ENDLESS =
  'the system is too large for it, or a guard, an action, a predicate or the module itself has no end';

function lastWords(): Promise<typeof import('./last-words.ts')> {
  return import('./last-words.ts');
}

/** As shells count it. */
function statusOf(signal: Signal): number {
  return 128 + constants.signals[signal];
}

/** Of `--max-memory`; undefined also when it is no size, which the command says. */
function askedBytes(args: readonly string[]): number | undefined {
  const at = args.findIndex((arg) => arg === '--max-memory' || arg.startsWith('--max-memory='));
  if (at < 0) return undefined;
  try {
    return parseBytes('--max-memory', args[at]!.split('=')[1] ?? args[at + 1] ?? '');
  } catch {
    return undefined;
  }
}
