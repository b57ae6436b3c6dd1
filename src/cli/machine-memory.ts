import { openSync, readSync } from 'node:fs';
import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ResidentOptions } from '../explore/memory.ts';

/** Node with this program takes a part of it, so that nothing could be searched in less. */
const PROCESS_BYTES_MIN = 300 * 2 ** 20;
/** Every search gets so much, however large the process is before it. */
const SEARCH_BYTES_MIN = 48 * 2 ** 20;
/** Of what a process may have, the part that a search may fill: the rest is for working out its result. */
const SEARCH_SHARE = 0.9;
/** A process is ended that has so many times what it may have. */
const TOLERANCE = 1.05;
/** The same, when nothing was said, as a part of the machine's memory. */
const MACHINE_SHARE = 0.9;
/** V8 cannot come back from a heap that is full when an object does not fit, so that one may be larger than the process may become. */
const HEAP_TIMES = 2;
/** From 2 GB on it leaves much more garbage lying. */
const HEAP_BYTES_MIN = 1900 * 2 ** 20;

/** The machine's memory, or what a container lets this process have. */
function machineBytes(): number {
  const limit = constrainedMemory();
  return limit > 0 ? Math.min(totalmem(), limit) : totalmem();
}

/** Half of the machine's memory. */
export function defaultBytes(): number {
  return Math.floor(machineBytes() / 2);
}

const status = statusFile();
const text = Buffer.alloc(4096);

/**
 * The resident set of the process, as `process.memoryUsage.rss` says, by a file that stays open. Node opens one at each look, and
 * ends with an assertion if it gets the number of a standard stream, because a user's module has just closed that.
 */
export function residentBytes(): number {
  if (status === undefined) return process.memoryUsage.rss();
  const found = /^VmRSS:\s*(\d+) kB$/m.exec(text.toString('latin1', 0, readSync(status, text, 0, text.length, 0)));
  return found ? Number(found[1]) * 1024 : process.memoryUsage.rss();
}

/** Undefined where there is none, as on macOS and Windows. */
function statusFile(): number | undefined {
  try {
    return openSync('/proc/self/status', 'r');
  } catch {
    return undefined;
  }
}

/** What the resident set of the process may become in a search. */
export function residentBoundOf(asked: number): ResidentOptions {
  return {
    bytesMax: Math.max(Math.max(asked, PROCESS_BYTES_MIN) * SEARCH_SHARE, residentBytes() + SEARCH_BYTES_MIN),
    measure: residentBytes,
    collect: collectGarbage,
  };
}

/** Where the keeper ends the process. */
export function residentBytesFor(asked: number | undefined): number {
  return asked === undefined ? machineBytes() * MACHINE_SHARE : Math.max(asked, PROCESS_BYTES_MIN) * TOLERANCE;
}

/** What V8 may take for the objects of the thread of the command. */
export function heapBytesFor(asked: number | undefined): number {
  return Math.max(HEAP_BYTES_MIN, (asked ?? defaultBytes()) * HEAP_TIMES);
}

let collect: (() => void) | undefined;

function collectGarbage(): void {
  if (!collect) {
    // Node has it only as a flag, which can be set later, but then counts for new contexts.
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
    setFlagsFromString('--no-expose-gc');
  }
  collect();
}
