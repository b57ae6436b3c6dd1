/** What `npm run generate` writes is what stands in the repository. */
import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { scenarioNamed } from '../../machines/races/by-name.ts';
import { catalogue } from '../../machines/races/index.ts';
import { generated, PAGES } from '../generate.ts';
import { machinePages } from '../machine-pages/pages.ts';

test.each([...generated()])('machines/%s is up to date', (file, source) => {
  const written = readFileSync(new URL(`../../machines/${file}`, import.meta.url), 'utf8');
  expect(written, 'run npm run generate').toBe(source);
});

test('every scenario is found by its name, and nothing by another', async () => {
  expect(await Promise.all(catalogue.map(({ name }) => scenarioNamed(name)))).toEqual(catalogue);
  expect(await scenarioNamed('constructor')).toBeUndefined();
});

describe('docs/machines', () => {
  let pages: ReadonlyMap<string, string>;
  beforeAll(() => {
    pages = machinePages();
  }, 600_000);

  test('has a page for every exported machine, and nothing else', () => {
    expect(readdirSync(PAGES).sort(), 'run npm run generate').toEqual([...pages.keys()].sort());
  });

  test('says what sources and scenarios say', () => {
    const old = [...pages].filter(([file, page]) => readFileSync(PAGES + file, 'utf8') !== page).map(([file]) => file);
    expect(old, 'run npm run generate').toEqual([]);
  });
});
