/**
 * What a command tells about itself while it runs, and what it may be asked.
 *
 * The command line runs in a thread of its own; the keeper of the process (`keeper.ts`) hears this, so that it can end what does
 * not end by itself, and say what was known. It is published on a channel of Node's diagnostics: where nobody listens, as in tests
 * within one process, it is told to nobody.
 */
import { channel } from 'node:diagnostics_channel';
import { setTimeout as after, setImmediate as afterEvents } from 'node:timers/promises';
import type { Options } from './check.ts';
import type { CheckDocument, CheckResultDocument } from './documents.ts';
import type { Judged } from './junit.ts';
import type { Source } from './loading/module-hooks.ts';

/** How far a search has come. */
export type Counts = Pick<CheckResultDocument, 'states' | 'steps' | 'depth' | 'seconds'>;

export type News =
  /** What is being done, for whoever waits, and to say where it ended. */
  | { readonly kind: 'phase'; readonly text: string }
  /** A user's module is loaded: from now on its code may run at any time. */
  | { readonly kind: 'module'; readonly module: UserModule }
  /** It is loaded, or cannot be. */
  | { readonly kind: 'loaded' }
  /** Its code called `process.exit`. */
  | { readonly kind: 'exit'; readonly code: number }
  /** From now on the command should stop by itself after so many seconds; null when it has, or needs not. */
  | { readonly kind: 'bound'; readonly seconds: number | null }
  /** Something that may take long but is sure to end, as writing a large file: no bound counts meanwhile. */
  | { readonly kind: 'busy'; readonly is: boolean }
  /** Whether the command stops by itself when it is asked to. */
  | { readonly kind: 'stoppable'; readonly is: boolean }
  /** It has heard that it should. */
  | { readonly kind: 'stopping' }
  /** The command is to be run again when one of these changes; it is told again when more of them are known. */
  | { readonly kind: 'watch'; readonly sources: readonly Source[] }
  /** Which searches `check` is going to make, and how it was called. */
  | { readonly kind: 'searches'; readonly options: Options; readonly results: readonly Judged[] }
  /** What is known of one of them, by its index: all, or how far it has come. */
  | { readonly kind: 'result'; readonly index: number; readonly result: CheckResultDocument }
  | { readonly kind: 'counts'; readonly index: number; readonly counts: Counts }
  /** The command has ended, and everything is written. */
  | { readonly kind: 'done'; readonly status: number };

/** The bounds by which a keeper ends a search. */
export type KeptBound = Extract<
  NonNullable<CheckDocument['results'][number]['bound']>,
  'seconds' | 'memory' | 'interrupted'
>;

/** What the keeper asks of the command. */
export interface Request {
  readonly kind: 'stop';
}

export interface UserModule {
  /** As it was typed. */
  readonly path: string;
  readonly file: string;
}

export const NEWS = 'faultline:news';
const news = channel(NEWS);

export function tell(what: News): void {
  news.publish(what);
}

/** From now on the command does this; for whoever waits in front of a terminal. */
export function tellPhase(text: string): void {
  tell({ kind: 'phase', text });
}

/** Runs what should end within so many seconds, where there is a bound. */
export async function within<T>(seconds: number | undefined, run: () => Promise<T>): Promise<T> {
  tell({ kind: 'bound', seconds: seconds ?? null });
  try {
    return await run();
  } finally {
    tell({ kind: 'bound', seconds: null });
  }
}

/** Runs what may take long but is sure to end. */
export function unhurried<T>(run: () => T): T {
  tell({ kind: 'busy', is: true });
  try {
    return run();
  } finally {
    tell({ kind: 'busy', is: false });
  }
}

/** Users' modules that this thread has begun to load. */
export const userModules: UserModule[] = [];

export function tellModule(module: UserModule): void {
  userModules.push(module);
  tell({ kind: 'module', module });
  tellPhase(`loading ${module.path}`);
}

/** Lets fail what a user's module has left behind: a promise that was rejected and that nobody handles, a timer that is due. */
export async function settled(): Promise<void> {
  if (userModules.length === 0) return;
  await after(1);
  await afterEvents();
}
