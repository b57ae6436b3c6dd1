/** The options for searches that keep less than whole states. */
import { BIT_SET_BYTES_MAX, type CheckOptions, DEFAULT_BITS } from '../explore/check.ts';
import { UsageError } from './errors.ts';
import { bytesText, parseBytes, parseCount } from './text.ts';

interface StoreOptions {
  readonly hashCompact?: true;
  readonly bitstate?: true;
  readonly bits?: string;
  readonly swarm?: string;
  readonly search?: string;
  readonly workers?: string;
  readonly maxMemory?: string;
}

/** What is kept of the states; refuses what does not go together. */
export function storeOf(options: StoreOptions): CheckOptions {
  const { hashCompact, bitstate, bits, swarm, search, workers } = options;
  if (!bitstate) {
    const [option] = [bits && '--bits', swarm && '--swarm'].filter(Boolean);
    if (option) throw new UsageError(`${option} is for bit arrays: it goes with --bitstate`);
  }
  if (!hashCompact && !bitstate) return {};
  if (hashCompact && bitstate) throw new UsageError('--hash-compact does not go with --bitstate', 'choose one of them');
  const [option, only] = hashCompact ? ['--hash-compact', 'bfs'] : ['--bitstate', 'dfs'];
  if (search !== undefined && search !== only) {
    throw new UsageError(`${option} does not go with --search ${search}: its search is ${only}`, 'leave --search out');
  }
  if (workers !== undefined) throw new UsageError(`--workers does not go with ${option}: it runs in one thread`);
  if (hashCompact) return { store: 'hash-compact' };
  return {
    store: 'bitstate',
    bits: bitsOf(options),
    ...(swarm !== undefined && { swarm: parseCount('--swarm', swarm) }),
  };
}

function bitsOf({ bits, maxMemory }: StoreOptions): number {
  const bytes = bits === undefined ? DEFAULT_BITS : parseBytes('--bits', bits);
  if (bytes > BIT_SET_BYTES_MAX) {
    throw new UsageError(`--bits ${bits}: got ${bytesText(bytes)}, expected at most ${bytesText(BIT_SET_BYTES_MAX)}`);
  }
  if (maxMemory !== undefined && bytes >= parseBytes('--max-memory', maxMemory)) {
    throw new UsageError(
      `a bit array of ${bytesText(bytes)} does not fit into --max-memory ${maxMemory}`,
      'make it smaller by --bits',
    );
  }
  return bytes;
}
