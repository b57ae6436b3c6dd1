/** One case of the battery: a command line, the files that it finds, and what happens to its process. */
import { commandLine, type Line } from './command-lines.ts';
import { damaged, type Samples } from './data-files.ts';
import { HEAVY_MODULES, moduleText } from './modules.ts';
import { Random } from './random.ts';

export const KINDS = ['flags', 'data', 'module', 'process'] as const;
export type Kind = (typeof KINDS)[number];

export interface Ending {
  /** `closed`: by its reader, after the first piece. */
  readonly stdout: 'pipe' | 'closed' | 'full';
  readonly signals: readonly { readonly name: 'SIGINT' | 'SIGTERM' | 'SIGHUP'; readonly milliseconds: number }[];
}

export interface Case extends Line {
  readonly seed: number;
  readonly index: number;
  readonly kind: Kind;
  readonly files: Readonly<Record<string, Uint8Array>>;
  /** For a real process; left out, the case runs within a process that runs others as well. */
  readonly ending?: Ending;
}

/** @param only the kind of case, instead of a mixture of all */
export function caseOf(seed: number, index: number, samples: Samples, only?: Kind): Case {
  const random = new Random(seed, index);
  const kind = only ?? random.weighted({ flags: 41, data: 29, module: 25, process: 5 });
  const content = kind === 'process' ? random.pick(['flags', 'data', 'module'] as const) : kind;
  const about = { seed, index, kind, ...(kind === 'process' && { ending: endingOf(random) }) };
  switch (content) {
    case 'flags': {
      const line = commandLine(random, { target: undefined, file: undefined });
      return { ...about, ...line, files: filesOf(line, samples) };
    }
    case 'data': {
      const name = random.pick(Object.keys(samples));
      const line = commandLine(random, { target: undefined, file: name });
      return { ...about, ...line, files: { ...filesOf(line, samples), [name]: damaged(random, name, samples[name]!) } };
    }
    case 'module': {
      const name = `m${index}.${random.pick(['ts', 'mjs', 'js', 'mts'])}`;
      // Code that ends or occupies its process runs in one of its own.
      const isHeavy = kind === 'process' && random.chance(0.4);
      const text = isHeavy ? random.pick(HEAVY_MODULES) : moduleText(random);
      const line = commandLine(random, { target: `./${name}`, file: undefined });
      // Nobody else ends a module without an end in a command without a bound.
      const isEndless = /for \(;;\)/.test(text) && !line.args.some((arg) => arg.startsWith('--max-seconds'));
      const ending = about.ending && isEndless && about.ending.signals.length === 0 ? ENDED : about.ending;
      return {
        ...about,
        ...line,
        ...(ending && { ending }),
        files: { ...filesOf(line, samples), [name]: Buffer.from(text) },
      };
    }
  }
}

const ENDED: Ending = { stdout: 'pipe', signals: [{ name: 'SIGTERM', milliseconds: 4000 }] };

function endingOf(random: Random): Ending {
  const stdout = random.weighted({ pipe: 60, closed: 20, full: 20 });
  const count = random.pick([0, 0, 0, 0, 1, 2]);
  const signals = Array.from({ length: count }, () => ({
    name: random.pick(['SIGINT', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const),
    milliseconds: random.below(4000),
  }));
  return { stdout, signals };
}

/** The samples that a command line names. */
function filesOf({ args }: Line, samples: Samples): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(samples).filter(([name]) => args.some((arg) => arg.includes(name))));
}

/** As it can be typed in a shell. */
export function shellLine(args: readonly string[]): string {
  return ['faultline', ...args.map((arg) => (/^[\w@%+=:,./#-]+$/.test(arg) ? arg : `$'${escaped(arg)}'`))].join(' ');
}

function escaped(text: string): string {
  return text
    .slice(0, 400)
    .replaceAll(/[\\']/g, '\\$&')
    .replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
