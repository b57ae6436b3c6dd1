/** Runs exported models in SPIN and Rumur, and reads what they say, in our words: steps are edges, traces have steps. */
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Found {
  readonly verdict: 'holds' | 'violated';
  readonly states: number;
  readonly steps: number;
  /** To the farthest state; only SPIN says it, and only breadth-first. */
  readonly depth?: number;
  /** The number of the violated property in the exported model; 0 when the tool reports something else. */
  readonly property?: number;
  readonly traceLength?: number;
  /** What `replay --from-spin` or `--from-rumur` reads. */
  readonly trace?: string;
}

/** What of the tools is missing on this machine. */
export function missingTools(): string[] {
  const commands: [string, string][] = [
    ['spin', '-V'],
    ['rumur', '--version'],
    ['gcc', '--version'],
  ];
  return commands.filter(([command, option]) => spawnSync(command, [option]).error).map(([command]) => command);
}

const TIMEOUT_MS = 900_000;

/** @throws Error with all that the command printed, when its status is none of these */
async function run(folder: string, command: readonly string[], statuses: readonly number[] = [0]): Promise<string> {
  const child = spawn(command[0]!, command.slice(1), { cwd: folder, timeout: TIMEOUT_MS });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      output += data;
    });
  }
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (status !== null && statuses.includes(status)) return output;
  throw new Error(`${command.join(' ')} ended with ${status} in ${folder}:\n${output.slice(-4000)}`);
}

function number(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${pattern} in:\n${text.slice(-4000)}`);
  return Number(found);
}

export interface ToolOptions {
  /** SPIN only; Rumur with one thread is breadth-first. */
  readonly search?: 'breadth-first' | 'depth-first';
  readonly optimise?: string;
  /** About how many states there are: the size of SPIN's table, and of its stack. */
  readonly states?: number;
  /** SPIN's stack in a search for cycles, all of which it fills with zeros before it begins. */
  readonly depth?: number;
}

export async function runSpin(folder: string, model: string, options: ToolOptions = {}): Promise<Found> {
  const { search = 'breadth-first', optimise = '-O1', states = 1e6 } = options;
  const vector = /-DVECTORSZ=\d+/.exec(model)?.[0];
  writeFileSync(join(folder, 'model.pml'), model);
  await run(folder, ['spin', '-o2', '-a', 'model.pml']);
  const defines = [
    '-DSAFETY',
    '-DNOREDUCE',
    ...(search === 'breadth-first' ? ['-DBFS'] : []),
    ...(vector ? [vector] : []),
  ];
  await run(folder, ['gcc', optimise, '-w', ...defines, '-o', 'pan', 'pan.c']);
  const slots = Math.max(16, Math.ceil(Math.log2(2 * states)));
  const stack = search === 'breadth-first' ? [] : [`-m${states + 1000}`];
  const output = await run(folder, ['./pan', '-n', `-w${slots}`, ...stack]);
  if (/max search depth too small|out of memory/i.test(output)) throw new Error(output);
  const counts = {
    states: number(output, /(\d+) states, stored/),
    // The initial state counts as a transition.
    steps: number(output, /(\d+) transitions/) - 1,
  };
  if (number(output, /errors: (\d+)/) === 0) {
    const depth = search === 'breadth-first' ? { depth: number(output, /depth reached (\d+)/) } : {};
    return { verdict: 'holds', ...counts, ...depth };
  }
  // The report is a step of its own.
  const traceLength = number(output, /\(at depth (\d+)\)/) - 1;
  const property = Number(/assertion violated \((\d+)==0\)/.exec(output)?.[1] ?? 0);
  const trace = await run(folder, ['spin', '-t', 'model.pml']);
  return { verdict: 'violated', ...counts, property, traceLength, trace };
}

/**
 * What SPIN says of the `ltl` blocks of a model, by the numbers of their properties. The search is depth-first: a trace may be long.
 *
 * @param progress the numbers
 */
export async function runSpinProgress(
  folder: string,
  model: string,
  progress: readonly number[],
  { optimise = '-O1', depth = 5e6 }: Pick<ToolOptions, 'optimise' | 'depth'> = {},
): Promise<ReadonlyMap<number, Pick<Found, 'verdict' | 'states' | 'trace'>>> {
  const vector = /-DVECTORSZ=\d+/.exec(model)?.[0];
  writeFileSync(join(folder, 'model.pml'), model);
  await run(folder, ['spin', '-DPROGRESS', '-o2', '-a', 'model.pml']);
  await run(folder, ['gcc', optimise, '-w', '-DNOREDUCE', ...(vector ? [vector] : []), '-o', 'pan', 'pan.c']);
  const found = new Map<number, Pick<Found, 'verdict' | 'states' | 'trace'>>();
  for (const property of progress) {
    const claim = ['-N', `property_${property}`];
    const output = await run(folder, ['./pan', '-a', '-n', `-m${depth}`, ...claim]);
    if (/max search depth too small|out of memory/i.test(output)) throw new Error(output);
    const states = number(output, /(\d+) states, stored/);
    if (number(output, /errors: (\d+)/) === 0) found.set(property, { verdict: 'holds', states });
    else
      found.set(property, { verdict: 'violated', states, trace: await run(folder, ['./pan', '-r', ...claim], [0, 1]) });
  }
  return found;
}

export async function runRumur(folder: string, model: string, options: ToolOptions = {}): Promise<Found> {
  const { optimise = '-O1' } = options;
  writeFileSync(join(folder, 'model.m'), model);
  const format = ['--output-format', 'machine-readable', '--threads', '1'];
  await run(folder, ['rumur', '--deadlock-detection', 'off', ...format, '-o', 'rumur.c', 'model.m']);
  const options_ = ['-std=c11', optimise, '-march=native', '-mcx16', '-w'];
  await run(folder, ['gcc', ...options_, '-o', 'verifier', 'rumur.c', '-lpthread', '-latomic']);
  const output = await run(folder, ['./verifier'], [0, 1]);
  const counts = {
    states: number(output, /<summary states="(\d+)"/),
    steps: number(output, /<summary .*rules_fired="(\d+)"/),
  };
  if (number(output, /<summary .*errors="(\d+)"/) === 0) return { verdict: 'holds', ...counts };
  const property = Number(/(?:invariant|cover) &quot;(\d+) /.exec(output)?.[1] ?? 0);
  // The first transition is the start state.
  const traceLength = output.split('<transition>').length - 2;
  return { verdict: 'violated', ...counts, property, traceLength, trace: output };
}
