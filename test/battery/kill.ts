/**
 * Kills searches at random moments, resumes them to the end, and compares every count with that of a search that nobody disturbed.
 *
 *   npm run battery:kill -- [--kills 200] [--seed 1]
 *
 * A resumed search may be killed again. Ends with status 1 at the first difference, and says how to repeat it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { builtMain } from '../built.ts';

const SYSTEMS = [
  ['two-phase-commit', '--variant', 'fixed', '--set', 'managers=7', '--no-symmetry'],
  ['dining-philosophers', '--variant', 'all-states', '--set', 'philosophers=11'],
  ['racing-unmap', '--variant', 'fixed'],
] as const;
const WORKERS = ['1', '2'] as const;
const MAIN = builtMain();

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const wanted = Number(values.kills);
const seed = Number(values.seed);

/** Mulberry32: from 0 to below 1. */
let state = seed;
function random(): number {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly milliseconds: number;
}

function start(args: readonly string[]): { child: ChildProcess; ended: Promise<Ended> } {
  const begun = performance.now();
  const child = spawn(process.execPath, [MAIN, 'check', ...args, '--json', '--quiet'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const read = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.on('data', (data) => {
      read[name] += data;
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (status) => resolve({ status, ...read, milliseconds: performance.now() - begun }));
  });
  return { child, ended };
}

function countsIn({ stdout, stderr, status }: Ended): string {
  try {
    const [{ verdict, bound, states, steps, depth, properties }] = JSON.parse(stdout).results;
    return JSON.stringify({ verdict, bound, states, steps, depth, properties });
  } catch {
    return `status ${status}: ${stderr || stdout || 'nothing was printed'}`;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'faultline-kill-'));
console.log(`seed ${seed}, ${wanted} kills, ${SYSTEMS.length} systems, ${WORKERS.join(' and ')} workers`);
const wholes = [];
for (const system of SYSTEMS) {
  const ended = await start([...system, '--workers', '1']).ended;
  wholes.push({ counts: countsIn(ended), milliseconds: ended.milliseconds });
  console.log(`undisturbed: ${system.join(' ')}: ${countsIn(ended)}`);
}

let kills = 0;
let compared = 0;
for (let run = 0; kills < wanted; run++) {
  const which = run % SYSTEMS.length;
  const workers = WORKERS[Math.floor(run / SYSTEMS.length) % WORKERS.length]!;
  const directory = join(folder, String(run));
  const asked = [...SYSTEMS[which]!, '--workers', workers, '--checkpoint', directory, '--checkpoint-every', '0.05'];
  const history: string[] = [];
  for (;;) {
    const isSaved = existsSync(join(directory, 'search.checkpoint'));
    const args = isSaved ? [...asked, '--resume', directory] : asked;
    const { child, ended } = start(args);
    // From before the first line of code runs to when it may have ended; one in three is left alone once something was saved.
    const leaves = isSaved && random() < 1 / 3;
    // On a machine that has become busier than it was, later and later, so that something is saved at last.
    const delay = random() * wholes[which]!.milliseconds * 1.1 * 1.3 ** history.length;
    const timer = leaves || kills >= wanted ? undefined : setTimeout(() => child.kill('SIGKILL'), delay);
    const result = await ended;
    clearTimeout(timer);
    if (child.signalCode === 'SIGKILL') {
      kills++;
      history.push(`${isSaved ? 'resumed, ' : ''}killed after ${delay.toFixed(0)} ms`);
      continue;
    }
    const counts = countsIn(result);
    if (counts !== wholes[which]!.counts) {
      console.error(
        `\nrun ${run}: ${args.join(' ')}\n  ${history.join('; ')}\n  expected ${wholes[which]!.counts}\n  got      ${counts}`,
      );
      console.error(
        `repeat it: npm run battery:kill -- --kills ${wanted} --seed ${seed}; what was saved is in ${directory}`,
      );
      process.exit(1);
    }
    compared++;
    break;
  }
  rmSync(directory, { recursive: true, force: true });
  if (run % 5 === 0) console.log(`${kills} of ${wanted} kills, ${compared} searches ended with equal counts`);
}
rmSync(folder, { recursive: true, force: true });
console.log(`${kills} kills: ${compared} searches ended, all with equal counts`);
