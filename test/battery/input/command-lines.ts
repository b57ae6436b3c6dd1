/** Command lines: every command and flag that the program defines, with values that fit and values that do not. */
import type { Command, Option } from 'commander';
import { COMMAND_NAMES, createProgram } from '../../../src/cli/program.ts';
import type { Random } from './random.ts';
import { CHECKPOINTED } from './samples.ts';

export interface Line {
  readonly args: readonly string[];
  readonly command: string;
  /** Whether one JSON document is asked for; undefined where another flag may have swallowed the question. */
  readonly json: boolean | undefined;
  /** Files that are asked for, by the flag that names them. */
  readonly written: readonly { readonly flag: string; readonly name: string }[];
}

const silent = { write: () => {} };

function definition(): Promise<Command> {
  return createProgram(
    {
      catalogue: async () => [],
      machines: () => [],
      version: '',
      stdout: silent,
      stderr: silent,
      variables: {},
      interruptible: () => Promise.reject(new Error('only looked at')),
    },
    () => {},
    COMMAND_NAMES,
  );
}

const COMMANDS = new Map((await definition()).commands.map((command) => [command.name(), command] as const));

export const commandNames: readonly string[] = [...COMMANDS.keys()];

/** The larger the weight, the more often; what is not named has 1. */
const WEIGHTS: Readonly<Record<string, number>> = {
  check: 6,
  replay: 4,
  validate: 3,
  graph: 2,
  export: 2,
  diagram: 3,
  report: 1.5,
  stress: 0.6,
};

const TARGETS = [
  'dining-philosophers',
  'bounded-fifo',
  'ping-pong',
  './system.ts',
  './system.ts#lights',
  './scenario.mjs',
];
/** No file, whatever else it is. */
const PATHS = [
  '',
  ' ',
  '.',
  '..',
  '/',
  'folder',
  'folder/',
  'nowhere',
  'nowhere/file.json',
  'loop',
  'loop/x',
  'dangling',
  'system.ts/x',
  '/dev/full',
  '/dev/null',
  'x'.repeat(300),
  'y/'.repeat(3000),
  'a\u0000b',
  '\u001b[31mred',
  'ünïcödé',
  '\ud800',
  '~',
  '-',
  '--',
  '\n',
  'a#b',
  './a?b.ts',
  '/proc/self/nothing',
  'system.ts',
  'trace.json',
  'folder#x.ts',
  '$(id)',
  '%s%n',
  'https://example.org/x.ts',
  'file:///etc/passwd',
  'data:text/javascript,1',
];
const NUMBERS = [
  '-1',
  '0',
  '-0',
  '1',
  '2',
  '1.5',
  '1e309',
  '-1e309',
  'NaN',
  'Infinity',
  '1e3',
  '0x10',
  '0b1',
  '9007199254740993',
  '1e15',
  '4294967296',
  '2147483648',
  ' 7 ',
  '1_000',
  '1,000',
  '١',
  '',
  'x',
  '1n',
  '+3',
  '.5',
  '5.',
  '--',
];
const WORDS = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'fixed',
  'FIXED',
  'fixd',
  'null',
  '\u0000',
  '\u001b]0;x\u0007',
  '\u202e',
  '😀',
  'a b',
  '../x',
  '*',
  '-',
  'x'.repeat(10_000),
  'é',
  '#',
  '=',
  '{}',
  '[object Object]',
];

/** Values that make sense; flags that are not named here get words, numbers and paths. */
const FITTING: Readonly<Record<string, readonly string[]>> = {
  variant: ['fixed', 'unordered', 'all-states', 'no-deadlock', 'lossy'],
  beside: ['fixed', 'unordered'],
  set: [
    'philosophers=3',
    'capacity=2',
    'capacity=0',
    'philosophers',
    '=',
    'capacity=',
    'capacity=1e309',
    '__proto__=1',
    'capacity=2=3',
    'capacity={}',
    'constructor=1',
    'rounds=1',
  ],
  search: ['bfs', 'dfs', 'random'],
  chart: ['svg', 'mermaid', 'text', 'none'],
  format: [
    'chart',
    'json',
    'itf',
    'mermaid',
    'svg',
    'dot',
    'scxml',
    'text',
    'png',
    'graphml',
    'plantuml',
    'aut',
    'schedule',
  ],
  theme: ['auto', 'light', 'dark'],
  to: ['promela', 'murphi', 'tla'],
  'log-level': ['error', 'warn', 'info', 'debug'],
  mix: ['all', 'fair', 'random', 'steady', 'bursts'],
  placement: ['mixed', 'apart', 'together'],
  engine: ['tables', 'live'],
  around: ['0/0', '0', 'trace.json'],
  // Of what has few states: `graph --by` goes through all of them, however few nodes they make.
  by: ['north', 'north,east', 'nobody', ','],
  actor: ['producer', 'north', 'consumer'],
  'why-not': ['producer PRODUCE', 'north GO', 'north', 'p0 RUN', 'a b c d'],
  workers: ['1', '2'],
  threads: ['1', '2'],
  seed: ['1', '7'],
  'max-memory': ['100M', '1G', '1', '64K'],
  'max-seconds': ['0.3', '1', '1e-300'],
  'max-states': ['1', '10', '1000'],
  'checkpoint-every': ['0.01', '1'],
  bits: ['1M', '8', '1K'],
  coverage: ['coverage.json'],
  'from-spin': ['spin.txt', 'model.pml.trail'],
  'from-rumur': ['rumur.txt'],
  resume: ['saved'],
  checkpoint: ['saved', 'new'],
  skew: ['1', '0'],
  at: ['0', '1', '3'],
  depth: ['0', '1', '3'],
  devices: ['1', '4'],
  pages: ['1', '8'],
  steps: ['1', '500'],
  seconds: ['0.1'],
  episode: ['1', '50'],
};
const OUTPUTS = new Set(['output', 'trace-out', 'chart-out', 'junit', 'sarif', 'coverage-out', 'log']);
const ENDINGS = [
  '',
  '.json',
  '.svg',
  '.txt',
  '.mmd',
  '.png',
  '.dot',
  '.html',
  '.scxml',
  '.xml',
  '.puml',
  '.JSON',
  '.zzz',
];
/** With as much as these ask for, a run takes as long as it was asked to. */
const ENDLESS = new Set([
  'seconds',
  'max-seconds',
  'swarm',
  'walks',
  'max-steps',
  'steps',
  'devices',
  'pages',
  'workers',
  'threads',
  'skew',
]);
const ENDLESS_ABOVE = 300;
/** So that each case ends soon; what comes later on the command line replaces it. */
const BOUNDS: Readonly<Record<string, readonly string[]>> = {
  check: ['--max-seconds', '2', '--max-states', '3000'],
  report: ['--max-seconds', '2', '--max-states', '300'],
  stress: ['--seconds', '0.1', '--devices', '4'],
  graph: ['--max-states', '300'],
  export: ['--max-states', '1000'],
  validate: ['--max-states', '1000'],
  diagram: ['--max-states', '300'],
};

/** @param about what the command has to be about: the module, or the data file, that the case is for */
export function commandLine(random: Random, about: { target: string | undefined; file: string | undefined }): Line {
  const written: { flag: string; name: string }[] = [];
  const command = commandFor(random, about.file, about.target);
  const options = COMMANDS.get(command)!.options;
  const head = about.file === undefined ? subject(random, command, about.target) : reading(random, command, about.file);
  const flags: string[] = [];
  const tail: string[] = [];
  const isAboutFlags = about.file === undefined && about.target === undefined;
  let swallows = false;
  let asksForJson = false;
  const add = (option: Option) => {
    const name = option.long!.replace(/^--/, '');
    const flag = option.short && random.chance(0.5) ? option.short : option.long!;
    if (option.long === '--json') asksForJson = true;
    if (!option.required && !option.optional) {
      flags.push(flag);
      return;
    }
    if (random.chance(0.03)) {
      swallows = true;
      flags.push(flag);
      return;
    }
    const value = someValue(random, name, written, isAboutFlags ? 0.6 : 0.9);
    if (random.chance(0.3) && flag.startsWith('--')) flags.push(`${flag}=${value}`);
    else flags.push(flag, value);
  };
  const count = isAboutFlags ? random.pick([1, 1, 2, 2, 3, 4, 6]) : random.pick([0, 0, 0, 1, 1, 2]);
  for (let index = 0; index < count; index++) add(random.pick(options));
  const json = options.find(({ long }) => long === '--json');
  if (json && random.chance(0.35)) add(json);
  if (random.chance(isAboutFlags ? 0.05 : 0.01)) {
    swallows = true;
    tail.push(
      random.pick([
        '--help',
        '--version',
        '-h',
        '--',
        '--no-such-flag',
        '-x',
        '--json=1',
        '--jsn',
        '---',
        '-',
        random.pick(PATHS),
      ]),
    );
  }
  const args = random.chance(0.3) ? [...flags, ...head, ...tail] : [...head, ...flags, ...tail];
  const bounded = [command, ...(BOUNDS[command] ?? []), ...args];
  if (random.chance(isAboutFlags ? 0.02 : 0.005))
    bounded[0] = random.pick([...WORDS, ...commandNames, 'chek', 'help', 'help check']);
  return {
    args: bounded,
    command: bounded[0]!,
    json: swallows || bounded[0] !== command ? undefined : asksForJson,
    written,
  };
}

function commandFor(random: Random, file: string | undefined, target: string | undefined): string {
  if (file !== undefined) return random.pick(READERS[file] ?? ['replay']);
  const names = commandNames.filter((name) => target === undefined || !['list', 'validate'].includes(name));
  return random.weighted(Object.fromEntries(names.map((name) => [name, WEIGHTS[name] ?? 1])));
}

/** Who reads which sample. */
const READERS: Readonly<Record<string, readonly string[]>> = {
  'trace.json': ['replay', 'replay', 'replay', 'graph'],
  'own-trace.json': ['replay'],
  'log.jsonl': ['validate'],
  'observed.jsonl': ['validate'],
  'coverage.json': ['diagram', 'report'],
  'spin.txt': ['replay'],
  'model.pml.trail': ['replay'],
  'rumur.txt': ['replay'],
  'saved/search.checkpoint': ['check'],
};

function reading(random: Random, command: string, file: string): string[] {
  switch (file) {
    case 'trace.json':
      return command === 'graph' ? ['bounded-fifo', '--variant', 'unordered', '--around', file] : [file];
    case 'own-trace.json':
      return random.pick([[file, '--trust'], ['./system.ts', file], [file]]);
    case 'log.jsonl':
    case 'observed.jsonl':
      return random.chance(0.2) ? ['bounded-fifo', file] : [file];
    case 'coverage.json':
      return command === 'report'
        ? ['bounded-fifo', '--variant', 'fixed', '-o', 'page.html', '--coverage', file]
        : ['bounded-fifo', '--coverage', file];
    case 'spin.txt':
    case 'model.pml.trail':
      return ['bounded-fifo', '--variant', 'unordered', '--from-spin', file];
    case 'rumur.txt':
      return ['bounded-fifo', '--variant', 'unordered', '--from-rumur', file];
    default:
      return ['dining-philosophers', ...CHECKPOINTED, '--resume', 'saved'];
  }
}

/** What the command is about: positional arguments and flags without which it says nothing else. */
function subject(random: Random, command: string, target: string | undefined): string[] {
  const name = () => target ?? (random.chance(0.75) ? random.pick(TARGETS) : random.pick([...PATHS, ...WORDS]));
  const one = name();
  const variant = one === 'bounded-fifo' && random.chance(0.7) ? ['--variant', 'unordered'] : [];
  switch (command) {
    case 'list':
      return random.chance(0.5) ? [] : [random.chance(0.5) ? random.pick(TARGETS) : random.pick(WORDS)];
    case 'check':
    case 'report': {
      const more = target === undefined && random.chance(0.15) ? [name()] : [];
      const page = command === 'report' && random.chance(0.8) ? ['-o', 'page.html'] : [];
      return target === undefined && random.chance(0.08) ? ['--all', ...page] : [one, ...more, ...variant, ...page];
    }
    case 'replay':
      return [
        one,
        ...variant,
        random.chance(0.5)
          ? random.pick(['0', '1', '0/0'])
          : random.pick([
              '0',
              '0/0',
              '0/0/2',
              '0:0',
              '',
              '/',
              '0/',
              '-1',
              '0/x',
              '1e9',
              '9'.repeat(40),
              '0/'.repeat(2000),
              '0:',
              ':',
              '0:0:0',
            ]),
      ];
    case 'validate':
      return [one, random.pick(['log.jsonl', 'nowhere', ...PATHS])];
    case 'export':
      return [one, ...variant, '--to', random.pick(['promela', 'murphi', 'tla', 'promla', ''])];
    case 'stress':
      return ['--threads', '1', one, ...variant];
    default:
      return [one, ...variant];
  }
}

function someValue(random: Random, name: string, written: { flag: string; name: string }[], fits: number): string {
  if (OUTPUTS.has(name) && random.chance(0.7)) {
    const file = `out-${written.length}${random.pick(ENDINGS)}`;
    written.push({ flag: name, name: file });
    return file;
  }
  if (name === 'plots' && random.chance(0.7)) return 'plots';
  const fitting = FITTING[name];
  if (fitting && random.chance(fits)) return random.pick(fitting);
  const value = random.pick(random.pick([NUMBERS, NUMBERS, WORDS, PATHS]));
  const number = Math.abs(Number(value.replaceAll(/[_,]/g, '')));
  return ENDLESS.has(name) &&
    number > (name === 'workers' || name === 'threads' ? 3 : name.includes('seconds') ? 1 : ENDLESS_ABOVE) &&
    Number.isFinite(number)
    ? '1'
    : value;
}
