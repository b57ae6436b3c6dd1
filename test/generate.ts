/**
 * What is written from the folders of `machines`: `npm run generate`. A test says when it is not up to date.
 *
 * - `machines/races/index.ts`, the catalogue: every scenario of `races`, by file name, then those of `textbook`.
 * - `machines/races/by-name.ts`, which loads one of them.
 * - `machines/studies/by-name.ts`, which loads one of the studies.
 * - `machines/index.ts`, all that `faultline/machines` exports.
 * - `docs/machines`, a page for every machine among these (`machine-pages/`).
 * - `docs/studies/README.md`, the list of the studies.
 * - In `docs/systems` the pictures, the index, and the drawn part of each page (`system-pages.ts`).
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MACHINES = fileURLToPath(new URL('../machines/', import.meta.url));

export const PAGES = fileURLToPath(new URL('../docs/machines/', import.meta.url));

const IN_THIS_ORDER = '// biome-ignore-all assist/source/organizeImports: the order is that of the folder';

/** Files by path, seen from `machines`, and what must be in them. */
export function generated(): ReadonlyMap<string, string> {
  return new Map([
    ['races/index.ts', catalogueSource()],
    ['races/by-name.ts', byNameSource()],
    ['studies/by-name.ts', studiesSource()],
    ['index.ts', indexSource()],
  ]);
}

interface ScenarioSource {
  readonly constant: string;
  readonly name: string;
  readonly path: string;
}

function catalogueSource(): string {
  const scenarios = allScenarios();
  return [
    IN_THIS_ORDER,
    '/** The catalogue: every scenario that ships, the races of I/O page faults first. Written by `npm run generate`. */',
    "import type { Scenario } from '../../src/system/scenario.ts';",
    ...scenarios.map(({ constant, path }) => `import { ${constant} } from '${path}';`),
    '',
    'export const catalogue: readonly Scenario[] = [',
    ...scenarios.map(({ constant }) => `  ${constant},`),
    '];',
    '',
  ].join('\n');
}

function byNameSource(): string {
  return [
    '// biome-ignore-all format: a line for each',
    '/** Loads one scenario of the catalogue, which takes a tenth of the time that all take. Written by `npm run generate`. */',
    "import type { Scenario } from '../../src/system/scenario.ts';",
    '',
    'const LOADERS: Readonly<Record<string, () => Promise<Scenario>>> = {',
    ...allScenarios().map(
      ({ constant, name, path }) => `  '${name}': async () => (await import('${path}')).${constant},`,
    ),
    '};',
    '',
    '/** The scenario of the catalogue that has this name; nothing where there is none. */',
    'export async function scenarioNamed(name: string): Promise<Scenario | undefined> {',
    '  return Object.hasOwn(LOADERS, name) ? LOADERS[name]?.() : undefined;',
    '}',
    '',
  ].join('\n');
}

function studiesSource(): string {
  const studies = sourcesIn('studies').flatMap((file) => {
    const source = readFileSync(`${MACHINES}studies/${file}`, 'utf8');
    const [, constant, name] = /^export const (\w+) = defineStudy\(\{\s+name: '([^']+)'/m.exec(source) ?? [];
    return constant === undefined ? [] : [{ constant, name: name!, file }];
  });
  return [
    '// biome-ignore-all format: a line for each',
    '/** The studies, each loaded when it is asked for. Written by `npm run generate`. */',
    "import type { Study } from '../../src/simulate/study.ts';",
    '',
    'const LOADERS: Readonly<Record<string, () => Promise<Study>>> = {',
    ...studies.map(({ constant, name, file }) => `  '${name}': async () => (await import('./${file}')).${constant},`),
    '};',
    '',
    'export const studyNames: readonly string[] = Object.keys(LOADERS);',
    '',
    '/** The study that has this name; nothing where there is none. */',
    'export async function studyNamed(name: string): Promise<Study | undefined> {',
    '  return Object.hasOwn(LOADERS, name) ? LOADERS[name]?.() : undefined;',
    '}',
    '',
  ].join('\n');
}

function allScenarios(): ScenarioSource[] {
  return [...scenariosIn('races', './'), ...scenariosIn('textbook', '../textbook/')];
}

function scenariosIn(folder: string, from: string): ScenarioSource[] {
  return sourcesIn(folder).flatMap((file) => {
    const source = readFileSync(`${MACHINES}${folder}/${file}`, 'utf8');
    const [, constant, name] = /^export const (\w+) = defineScenario\(\{\s+name: '([^']+)'/m.exec(source) ?? [];
    return constant === undefined ? [] : [{ constant, name: name!, path: `${from}${file}` }];
  });
}

function indexSource(): string {
  return [
    IN_THIS_ORDER,
    '/** `faultline/machines`: every machine, part, monitor, rig and scenario, and the studies. Written by `npm run generate`. */',
    ...sourcesIn('')
      // What a study is made of is coarse, and its own.
      .filter((file) => !file.startsWith('studies/') || file === 'studies/by-name.ts')
      .map((file) => `export * from './${file}';`),
    '',
  ].join('\n');
}

/** In the order of their names, without this folder's own index. */
function sourcesIn(folder: string): string[] {
  return readdirSync(MACHINES + folder, { recursive: folder === '', encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts') && file !== 'index.ts')
    .sort();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // Twice: the index names what was written, too.
  for (let pass = 0; pass < 2; pass++) for (const [file, source] of generated()) writeFileSync(MACHINES + file, source);
  // Not before the index is written, which it loads.
  const { machinePages } = await import('./machine-pages/pages.ts');
  const pages = machinePages();
  rmSync(PAGES, { recursive: true, force: true });
  mkdirSync(PAGES, { recursive: true });
  for (const [file, page] of pages) writeFileSync(PAGES + file, page);
  const { STUDY_PAGES, studyIndex } = await import('./study-pages.ts');
  writeFileSync(`${STUDY_PAGES}README.md`, await studyIndex());
  const { SYSTEM_PAGES, systemPages } = await import('./system-pages.ts');
  for (const [file, page] of await systemPages()) writeFileSync(SYSTEM_PAGES + file, page);
}
