/** The project checks its own habits. Each ban names what to use instead; each exception says why. */
import { readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Ban {
  readonly pattern: RegExp;
  readonly where: RegExp;
  readonly instead: string;
  readonly except?: readonly string[];
}

const PURE = /^(src\/(system|tabulate|explore|simulate|trace|diagram|export|report)|machines)\//;

const BANS: readonly Ban[] = [
  {
    pattern: /\b(Date\.now|performance\.now|new Date\(\)|Math\.random)\b/,
    where: PURE,
    instead: 'take a clock or a seed as an option',
    // perturb.ts and stepper.ts find machines that read them; check.ts only has the default of its `clock` option.
    except: ['src/tabulate/perturb.ts', 'src/tabulate/stepper.ts', 'src/explore/check.ts'],
  },
  {
    pattern: /\b(setTimeout|setInterval)\(/,
    where: PURE,
    instead: 'return, and let the caller wait',
  },
  {
    pattern: /(?<!-)\bprocess\./,
    where: PURE,
    instead: 'take what you need as an option; only src/cli knows the process',
  },
  {
    pattern: /\bprocess\.exit\(/,
    where: /^(src|machines|workers)\//,
    instead: 'return a status; only src/cli/keeper.ts ends the process',
    except: ['src/cli/keeper.ts', 'src/cli/command.ts'],
  },
  { pattern: /\bconsole\./, where: /^(src|machines|workers)\//, instead: 'return data; src/cli writes to the streams' },
  { pattern: /\b(FIXME|XXX|TODO)\b/, where: /^(src|machines|workers|test)\//, instead: 'finish it, or file an issue' },
  {
    pattern: /from 'fast-check'/,
    where: /^test\//,
    instead: 'import it from test/fast-check.ts, which knows the seed',
    except: ['test/fast-check.ts'],
  },
  { pattern: /\b(describe|test|it)\.only\b/, where: /^test\//, instead: 'run the whole suite' },
];

const files = ['src', 'machines', 'workers', 'test'].flatMap((folder) =>
  readdirSync(`${root}/${folder}`, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, `${entry.parentPath}/${entry.name}`)),
);

test('there are files to check', () => {
  expect(files.length).toBeGreaterThan(30);
});

test.each(BANS)('nobody uses $pattern: $instead', ({ pattern, where, instead, except = [] }) => {
  const offenders = files
    .filter((file) => where.test(file) && !except.includes(file) && file !== 'test/tidy.test.ts')
    .flatMap((file) =>
      readFileSync(`${root}/${file}`, 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line) ? [`${file}:${index + 1}: ${instead}`] : [],
        ),
    );
  expect(offenders).toEqual([]);
});
