/**
 * Everything that a command takes from the world around it, so that tests can give it another one.
 *
 * The process's own is made in `process-environment.ts`; the catalogue comes from `workers/catalogue.ts`, the composition root.
 */
import type { Study } from '../simulate/study.ts';
import type { Scenario } from '../system/scenario.ts';
import type { MachineDocument } from './documents.ts';
import { type Colours, signedColours } from './terminal.ts';

export type { Colours } from './terminal.ts';

export interface Output {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
}

/**
 * Loads the catalogue, which takes a moment: not for a command that is about a module. With the name of a scenario it may give
 * that one alone, sooner; all of it still where no scenario has this name.
 */
export type Catalogue = (name?: string) => Promise<readonly Scenario[]>;

/** The studies that there are. */
export interface Studies {
  readonly names: readonly string[];
  /** Loads one; undefined where there is none of this name. */
  named(name: string): Promise<Study | undefined>;
}

export interface Environment {
  readonly catalogue: Catalogue;
  /** Loaded like the catalogue, when they are asked for; left out, there are none. */
  studies?(): Promise<Studies>;
  /** What is known of the machines of the library. */
  machines(): readonly MachineDocument[];
  /** The scenario whose trace `check --all` prefers to show. */
  readonly showcase?: string;
  readonly version: string;
  /** Results: text for people, or one JSON document. */
  readonly stdout: Output;
  /** Progress, logs and messages about errors. */
  readonly stderr: Output;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The module of `workers/` whose threads make searches of the catalogue; left out, all are made in the thread of the command. */
  readonly searcher?: string;
  /** The module of `workers/` whose threads simulate; left out, the thread of the command does all. */
  readonly simulator?: string;
  /** The module that the threads of a stress run execute, if it is not ours: for tests. */
  readonly stressWorker?: URL;
  /** Runs something that Ctrl-C stops by the signal instead of ending the process. */
  interruptible<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T>;
}

/** Colours for a stream: none unless people look at it, and none for those who do not want them (https://no-color.org). */
export function coloursFor(output: Output, { variables }: Environment): Colours {
  return signedColours(hasColours(output, variables));
}

export function hasColours(output: Output, variables: Environment['variables']): boolean {
  return output.isTTY === true && !variables.NO_COLOR && variables.TERM !== 'dumb';
}

const WIDTH_DEFAULT = 100;
const WIDTH_MIN = 40;

/** Columns for people's text: the terminal's, else `COLUMNS`, else a hundred. */
export function widthOf(output: Output, { variables }: Environment): number {
  const width = output.columns ?? Number.parseInt(variables.COLUMNS ?? '', 10);
  return Number.isInteger(width) && width > 0 ? Math.max(WIDTH_MIN, width) : WIDTH_DEFAULT;
}

export function writeJson(output: Output, document: unknown): void {
  output.write(`${toJson(document)}\n`);
}

/** JSON of plain data, with strings for the values that JSON does not know. */
export function toJson(document: unknown): string {
  return JSON.stringify(
    document,
    (_key, value) => {
      if (typeof value === 'bigint') return String(value);
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    },
    2,
  );
}
