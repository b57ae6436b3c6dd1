/** The pages of `docs/systems`, and what these, `docs/questions.md` and `docs/findings.md` say that commands answer. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { catalogue } from '../../machines/races/index.ts';
import { run } from '../cli/harness.ts';
import { isWholeSweep } from '../sweep.ts';
import { SYSTEM_PAGES, scenariosOf, systemPages, systemsWithPage } from '../system-pages.ts';

const docs = fileURLToPath(new URL('../../docs/', import.meta.url));

describe('docs/systems', () => {
  let pages: ReadonlyMap<string, string>;
  beforeAll(async () => {
    pages = await systemPages();
  }, 600_000);

  test('pictures, tables and the index are up to date', () => {
    const old = [...pages].filter(
      ([file, page]) => !existsSync(SYSTEM_PAGES + file) || readFileSync(SYSTEM_PAGES + file, 'utf8') !== page,
    );
    expect(
      old.map(([file]) => file),
      'run npm run generate',
    ).toEqual([]);
  });

  test.each(systemsWithPage())('%s has its parts, and a scenario', (name) => {
    const page = readFileSync(`${SYSTEM_PAGES}${name}.md`, 'utf8');
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
    expect(headings).toEqual(['How it works', 'Questions', 'What the model leaves out']);
    expect(scenariosOf(name).length).toBeGreaterThan(0);
  });

  test('each race tells of systems that have a page', () => {
    const known = systemsWithPage();
    const wrong = catalogue
      .filter(({ group }) => group !== 'textbook')
      .filter(({ systems = [] }) => systems.length === 0 || systems.some((system) => !known.includes(system)));
    expect(wrong.map(({ name, systems }) => `${name}: ${systems?.join(', ')}`)).toEqual([]);
  });
});

interface Claim {
  readonly document: string;
  readonly args: readonly string[];
  readonly verdict: string;
  readonly count: number;
}

const CLAIM = /`npx faultline (check [^`]+)`: (holds|violated), ([\d,]+) (states?|steps?)\b/g;

/** Larger ones are for `npm run test:sweep`. */
const STATES_MAX = 50_000;

const claims = [...systemsWithPage().map((name) => `systems/${name}.md`), 'questions.md', 'findings.md'].flatMap(
  (document) =>
    [...readFileSync(docs + document, 'utf8').matchAll(CLAIM)].map(([, line = '', verdict = '', count = '']): Claim => {
      return { document, args: line.split(' '), verdict, count: Number(count.replaceAll(',', '')) };
    }),
);

/** Several documents may claim the same. */
const distinct = [...new Map(claims.map((claim) => [JSON.stringify([claim.args, claim.verdict, claim.count]), claim]))];

describe('what documents say that a command answers', () => {
  test('is read by this test', () => {
    for (const document of new Set(claims.map(({ document }) => document))) {
      const text = readFileSync(docs + document, 'utf8');
      const all = text.match(/`npx faultline check [^`]+`/g) ?? [];
      const read = text.match(CLAIM) ?? [];
      expect(all.length, `${document}: write \`npx faultline check …\`: holds, N states; or violated, N steps`).toBe(
        read.length,
      );
    }
  });

  const [small, large] = [
    distinct.filter(([, { verdict, count }]) => verdict === 'violated' || count <= STATES_MAX),
    distinct.filter(([, { verdict, count }]) => verdict === 'holds' && count > STATES_MAX),
  ];
  const answered = async (_: string, { args, verdict, count }: Claim) => {
    const { stdout, stderr } = await run([...args, '--json'], { catalogue });
    const [result] = JSON.parse(stdout).results ?? [];
    const found = result?.verdict === 'holds' ? result.states : result?.trace?.steps?.length;
    expect([result?.verdict, found], stderr).toEqual([verdict, count]);
  };
  test.each(small)('%s', answered, 60_000);
  test.skipIf(!isWholeSweep).each(large)('%s', answered, 600_000);
});
