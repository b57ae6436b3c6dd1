/** Runs the command line within a process, with what a test injects. */
import { boundedFifo } from '../../machines/textbook/bounded-fifo.ts';
import { diningPhilosophers } from '../../machines/textbook/dining-philosophers.ts';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import type { Environment } from '../../src/cli/environment.ts';
import { readMachines } from '../../src/cli/machine-pages.ts';
import { runProgram } from '../../src/cli/program.ts';
import type { Study } from '../../src/simulate/study.ts';
import type { Scenario } from '../../src/system/scenario.ts';

export const CATALOGUE: readonly Scenario[] = [diningPhilosophers, boundedFifo, pingPong];

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Injected {
  readonly catalogue?: readonly Scenario[] | Environment['catalogue'];
  readonly machines?: ReturnType<Environment['machines']>;
  readonly tty?: boolean;
  readonly variables?: Environment['variables'];
  readonly signal?: AbortSignal;
  readonly showcase?: string;
  /** Checkpoints are of one version. */
  readonly version?: string;
  readonly stressWorker?: URL;
  readonly searcher?: string;
  readonly studies?: readonly Study[] | Environment['studies'];
  readonly simulator?: string;
}

/** Runs a command within this process, with three textbook scenarios for a catalogue unless the test has another one. */
export async function run(args: readonly string[], injected: Injected = {}): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written) => ({
    write: (text: string) => {
      written[name] += text;
    },
    isTTY: injected.tty ?? false,
  });
  const signal = injected.signal ?? new AbortController().signal;
  const status = await runProgram(args, {
    catalogue: catalogueOf(injected.catalogue ?? CATALOGUE),
    machines: () => injected.machines ?? readMachines(),
    ...(injected.showcase !== undefined && { showcase: injected.showcase }),
    ...(injected.stressWorker && { stressWorker: injected.stressWorker }),
    ...(injected.searcher !== undefined && { searcher: injected.searcher }),
    ...(injected.simulator !== undefined && { simulator: injected.simulator }),
    studies: studiesOf(injected.studies ?? []),
    version: injected.version ?? '1.2.3',
    stdout: output('stdout'),
    stderr: output('stderr'),
    variables: injected.variables ?? {},
    interruptible: (search) => search(signal),
  });
  return { status, ...written };
}

function catalogueOf(given: NonNullable<Injected['catalogue']>): Environment['catalogue'] {
  return typeof given === 'function' ? given : async () => given;
}

function studiesOf(given: NonNullable<Injected['studies']>): NonNullable<Environment['studies']> {
  if (typeof given === 'function') return given;
  return async () => ({
    names: given.map(({ name }) => name),
    named: async (name) => given.find((study) => study.name === name),
  });
}
