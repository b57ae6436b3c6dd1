/**
 * A file that says which process has a directory to itself. It is made exclusively, and one whose process is gone, as after a power
 * cut, is taken over: a process is known by its number and by when it was started, because numbers are used again.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

const holderSchema = z.object({ pid: z.number().int().positive(), host: z.string(), started: z.string() });

/** Who has a lock. */
export type Holder = z.infer<typeof holderSchema>;

/**
 * @param takesOver also takes it from a process of another host, of which nobody here knows whether it lives
 * @returns what gives it back, or who has it
 * @throws what the file system throws
 */
export function lock(path: string, takesOver = false): (() => void) | Holder {
  const mine = { pid: process.pid, host: hostname(), started: startOf(process.pid) } satisfies Holder;
  const text = `${JSON.stringify(mine)}\n`;
  if (!created(path, text)) {
    const holder = holderOf(path, takesOver);
    if (holder) return holder;
    // Of two who find it abandoned, one may: the other would remove what the first has made by then.
    const guard = `${path}.taken-over`;
    if (!created(guard, text)) return holderOf(guard) ?? { ...mine, pid: 0 };
    try {
      const other = holderOf(path, takesOver);
      if (other) return other;
      rmSync(path, { force: true });
      if (!created(path, text)) return holderOf(path) ?? { ...mine, pid: 0 };
    } finally {
      rmSync(guard, { force: true });
    }
  }
  const release = () => {
    process.off('exit', release);
    rmSync(path, { force: true });
  };
  // A second Ctrl-C leaves no time for more.
  process.on('exit', release);
  return release;
}

/** Who has it; undefined when nobody has, or nobody alive. */
export function holderOf(path: string, isLocal = false): Holder | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const parsed = holderSchema.safeParse(jsonOf(text));
  // Cut off by a power cut, or not ours: nobody can be asked.
  if (!parsed.success) return undefined;
  const holder = parsed.data;
  if (holder.host !== hostname()) return isLocal ? undefined : holder;
  return isAlive(holder) ? holder : undefined;
}

function created(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isAlive({ pid, started }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const start = startOf(pid);
  return start === '' || started === '' || start === started;
}

/** When a process was started, in a form that is the same until the machine is; empty where the system does not tell. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // The name, which may hold anything, ends at the last parenthesis; the start is the 22nd field.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\)\s*/s, '')
      .split(' ');
    return `${boot} ${fields[19]}`;
  } catch {
    return '';
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
