/**
 * The tools that are compared: how each is built for a case, run, and read.
 *
 * All counts are ours: `steps` are edges of the state graph, `depth` is the number of steps to the farthest state,
 * `traceLength` the number of steps of the trace. README.md says what each tool calls them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Case } from './cases.ts';

export interface Outcome {
  readonly verdict: 'holds' | 'violated';
  /** What was violated, in the words of the tool. */
  readonly violation?: string | undefined;
  readonly states: number;
  readonly steps: number;
  readonly depth?: number | undefined;
  readonly traceLength?: number | undefined;
  /** Of the search alone, as the tool says; of the whole process where it does not. */
  readonly searchSeconds: number;
  /** What the tool itself says that it stores: states and hash table, without stack and queue. */
  readonly ownBytes?: number | undefined;
}

export interface Cost {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface Tool {
  readonly name: string;
  readonly family: 'spin' | 'rumur' | 'faultline';
  readonly threads: number;
  /** Finds all states, and knows it. */
  readonly kind: 'exact' | 'reduced' | 'hash compact';
  readonly breadthFirst: boolean;
  /** Exit statuses of a search that ended. pan says 0 whatever it finds, so only its output can be believed. */
  readonly statuses: readonly number[];
  /** Several processes: the resident peak is of one, and CPU time is not of all. */
  readonly forks?: boolean;
  /** Prepares `directory` and returns the command that searches. `states` is what the search will find, or an upper bound. */
  build(target: Case, directory: string, states: number, optimise?: '-O1' | '-O3'): readonly string[];
  read(output: string, target: Case, cost: Cost): Outcome;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** A search that takes longer has gone wrong. */
const TIMEOUT_MS = 600_000;

/** @throws Error with everything that the command printed, when it fails */
function run(command: readonly string[], directory: string): string {
  const { status, stdout, stderr, error } = spawnSync(command[0]!, command.slice(1), {
    cwd: directory,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    timeout: TIMEOUT_MS,
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command.join(' ')} failed with ${status}\n${stdout}${stderr}`);
  return stdout + stderr;
}

/** What `--version` or its like says; undefined when the tool is not installed. */
function versionOf(command: string, ...options: string[]): string | undefined {
  const { error, stdout } = spawnSync(command, options, { encoding: 'utf8' });
  return error ? undefined : stdout.trim().split('\n')[0];
}

export function installed(): { spin: string | undefined; rumur: string | undefined; gcc: string | undefined } {
  return { spin: versionOf('spin', '-V'), rumur: versionOf('rumur', '--version'), gcc: versionOf('gcc', '--version') };
}

/** Compiles the program that `measured` uses. */
export function buildMeasure(directory: string): void {
  run(['gcc', '-O2', '-o', 'measure', `${HERE}measure.c`], directory);
}

/** Runs the command that `tool` was built to, under `measure`, which `buildMeasure` has put into `tools`. */
export function measured(
  tool: Tool,
  command: readonly string[],
  directory: string,
  tools: string,
): { output: string; cost: Cost } {
  const output = run([`${tools}/measure`, 'cost', ...command], directory);
  const [wallSeconds, cpuSeconds, kibibytes, status] = readFileSync(`${directory}/cost`, 'utf8').split(' ').map(Number);
  if (!tool.statuses.includes(status!))
    throw new Error(`${command.join(' ')} ended with ${status}
${output}`);
  return { output, cost: { wallSeconds: wallSeconds!, cpuSeconds: cpuSeconds!, peakBytes: kibibytes! * 1024 } };
}

function number(text: string, pattern: RegExp): number | undefined {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
}

function needed(text: string, pattern: RegExp): number {
  const found = number(text, pattern);
  if (found === undefined) throw new Error(`no ${pattern} in the output:\n${text}`);
  return found;
}

interface SpinMode {
  readonly name: string;
  readonly compile: readonly string[];
  readonly run?: readonly string[];
  readonly threads?: number;
  readonly kind?: Tool['kind'];
}

function spin(mode: SpinMode): Tool {
  const breadthFirst = mode.compile.some((option) => option.startsWith('-DBFS'));
  return {
    name: mode.name,
    family: 'spin',
    statuses: [0],
    threads: mode.threads ?? 1,
    kind: mode.kind ?? 'exact',
    breadthFirst,
    forks: (mode.threads ?? 1) > 1,
    build({ scenario, constants, ignoresDeadEnds }, directory, states, optimise = '-O3') {
      mkdirSync(directory, { recursive: true });
      const macros = Object.entries(constants).map(([name, value]) => `-D${name}=${value}`);
      run(['spin', '-a', ...macros, `${HERE}${scenario}.pml`], directory);
      run(
        ['gcc', optimise, '-march=native', '-w', '-DSAFETY', ...mode.compile, '-o', 'pan', 'pan.c', '-lpthread'],
        directory,
      );
      // At least two slots per state: measured, more do not make it faster. The stack never holds more than all states.
      const slots = Math.max(16, Math.ceil(Math.log2(2 * states)));
      const stack = breadthFirst ? [] : [`-m${Math.max(10_000, states)}`];
      return ['./pan', '-n', `-w${slots}`, ...stack, ...(ignoresDeadEnds ? ['-E'] : []), ...(mode.run ?? [])];
    },
    read(output) {
      const violation = /pan:1: (.*) \(at depth (\d+)\)/.exec(output);
      if (/max search depth too small|memory exceeded|out of memory/i.test(output)) throw new Error(output);
      const states = needed(output, /(\d+) states, stored/);
      const stored = number(output, /([\d.]+)\s+actual memory usage for states/);
      const table = number(output, /([\d.]+)\s+(?:shared )?memory used for hash table/);
      return {
        verdict: needed(output, /errors: (\d+)/) === 0 ? 'holds' : 'violated',
        violation: violation?.[1],
        states,
        // The initial state counts as a transition.
        steps: needed(output, /(\d+) transitions/) - 1,
        depth: breadthFirst ? needed(output, /depth reached (\d+)/) : undefined,
        // A dead end is reported at its own depth, an assertion at that of the state before the step that violates it.
        traceLength:
          violation && breadthFirst && mode.kind === undefined
            ? Number(violation[2]) + (violation[1] === 'invalid end state' ? 0 : 1)
            : undefined,
        searchSeconds: needed(output, /elapsed time ([\d.]+) seconds/),
        ownBytes: stored === undefined || table === undefined ? undefined : (stored + table) * 2 ** 20,
      };
    },
  };
}

interface RumurMode {
  readonly name: string;
  readonly options?: readonly string[];
  readonly threads?: number;
  /** Devices, workers and managers become scalarsets. */
  readonly symmetry?: boolean;
}

function rumur(mode: RumurMode): Tool {
  const threads = mode.threads ?? 1;
  return {
    name: mode.name,
    family: 'rumur',
    statuses: [0, 1],
    threads,
    kind: mode.symmetry ? 'reduced' : 'exact',
    breadthFirst: threads === 1,
    build({ scenario, constants, ignoresDeadEnds }, directory, _states, optimise = '-O3') {
      mkdirSync(directory, { recursive: true });
      let model = readFileSync(`${HERE}${scenario}.m`, 'utf8');
      for (const [name, value] of Object.entries(constants)) {
        const line = new RegExp(`^  ${name}: \\d+;`, 'm');
        // Our Promela models take macros that the Murphi models do without.
        if (!line.test(model)) throw new Error(`${scenario}.m has no constant ${name}`);
        model = model.replace(line, `  ${name}: ${value};`);
      }
      if (mode.symmetry)
        model = model.replace(/^ {2}(device|worker|manager): 0 \.\. (\w+) - 1;/gm, '  $1: scalarset($2);');
      writeFileSync(`${directory}/model.m`, model);
      const deadlock = ['--deadlock-detection', ignoresDeadEnds ? 'off' : 'stuck'];
      const output = ['--output-format', 'machine-readable', '--threads', String(threads), ...(mode.options ?? [])];
      run(['rumur', ...deadlock, ...output, '-o', 'rumur.c', 'model.m'], directory);
      const options = ['-std=c11', optimise, '-march=native', '-mcx16', '-w'];
      run(['gcc', ...options, '-o', 'verifier', 'rumur.c', '-lpthread', '-latomic'], directory);
      return ['./verifier'];
    },
    read(output, { extraRules }, { wallSeconds, peakBytes }) {
      const errors = needed(output, /<summary .*errors="(\d+)"/);
      const fired = needed(output, /<summary .*rules_fired="(\d+)"/);
      return {
        verdict: errors === 0 ? 'holds' : 'violated',
        violation: /<message>(.*?)<\/message>/s.exec(output)?.[1],
        states: needed(output, /<summary states="(\d+)"/),
        steps: fired - (errors === 0 && !mode.symmetry ? extraRules : 0),
        // The first transition is the start state.
        traceLength: errors > 0 && threads === 1 ? output.split('<transition>').length - 2 : undefined,
        // It says whole seconds only; start-up is a few milliseconds.
        searchSeconds: wallSeconds,
        ownBytes: peakBytes,
      };
    },
  };
}

export function faultline(workers: number, kind: 'exact' | 'reduced' = 'exact'): Tool {
  const name = workers === 1 ? 'faultline' : `faultline ${workers} workers`;
  return {
    name: kind === 'exact' ? name : `${name} symmetry`,
    family: 'faultline',
    statuses: [0],
    threads: workers,
    kind,
    breadthFirst: true,
    build({ scenario, variant, parameters }, directory) {
      mkdirSync(directory, { recursive: true });
      // `--import tsx` is found from the working directory, which `measured` sets to `directory`.
      const tsx = import.meta.resolve('tsx');
      const script = [`${HERE}faultline.ts`, scenario, variant, JSON.stringify(parameters), String(workers), kind];
      return [process.execPath, '--import', tsx, ...script];
    },
    read(output) {
      const line = output.trim().split('\n').at(-1)!;
      const result = JSON.parse(line) as {
        verdict: string;
        property?: string;
        states: number;
        steps: number;
        depth: number;
        seconds: number;
        bytesPerState: number;
        traceLength?: number;
      };
      if (result.verdict !== 'holds' && result.verdict !== 'violated') throw new Error(`Faultline says ${line}`);
      return {
        verdict: result.verdict,
        violation: result.property,
        states: result.states,
        steps: result.steps,
        depth: result.depth,
        traceLength: result.traceLength,
        searchSeconds: result.seconds,
        ownBytes: result.bytesPerState * result.states,
      };
    },
  };
}

/** In the order in which a round runs them. */
export const PEERS: readonly Tool[] = [
  spin({ name: 'spin dfs', compile: ['-DNOREDUCE'] }),
  spin({ name: 'spin bfs', compile: ['-DNOREDUCE', '-DBFS'] }),
  spin({ name: 'spin por', compile: [], kind: 'reduced' }),
  spin({ name: 'spin ncore=2', compile: ['-DNOREDUCE', '-DNCORE=2', '-DMEMLIM=4000'], threads: 2 }),
  // Stores hashes instead of states unless told otherwise by -DNO_HC, which is half as fast.
  spin({ name: 'spin bfs_par', compile: ['-DNOREDUCE', '-DBFS_PAR'], run: ['-u2'], threads: 2, kind: 'hash compact' }),
  rumur({ name: 'rumur' }),
  rumur({ name: 'rumur unpacked', options: ['--pack-state', 'off'] }),
  rumur({ name: 'rumur 2 threads', threads: 2 }),
  rumur({ name: 'rumur symmetry', symmetry: true }),
];
