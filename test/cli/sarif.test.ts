/** SARIF as its official schema and GitHub's code scanning take it. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import Ajv from 'ajv';
import { afterAll, describe, expect, test } from 'vitest';
import { pingPong } from '../../machines/textbook/ping-pong.ts';
import type { SarifLog } from '../../src/cli/sarif.ts';
import { folderWith, LIGHTS, MISTAKE, ModuleProcess, run } from './harness.ts';
import { hostile } from './hostile.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { path: folder, remove } = folderWith({ 'lights.ts': LIGHTS, 'mistake.ts': MISTAKE });
afterAll(remove);

const require = createRequire(import.meta.url);
const isSarif = new Ajv({ schemaId: 'auto', meta: false, unknownFormats: 'ignore' })
  .addMetaSchema(require('ajv/lib/refs/json-schema-draft-04.json') as object)
  .compile(require('@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json') as object);

async function written(
  args: readonly string[],
  check: (args: readonly string[]) => Promise<unknown> = run,
): Promise<SarifLog> {
  const file = join(folder, 'found.sarif');
  await check(['check', ...args, '--quiet', '--sarif', file]);
  return JSON.parse(readFileSync(file, 'utf8')) as SarifLog;
}

/** https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning */
function expectGithubTakes({ version, $schema, runs }: SarifLog): void {
  expect([version, $schema]).toEqual(['2.1.0', 'https://json.schemastore.org/sarif-2.1.0.json']);
  expect(runs.length).toBeLessThanOrEqual(20);
  for (const { tool, results } of runs) {
    const { rules, name } = tool.driver;
    expect(name).toBe('faultline');
    expect(results.length).toBeLessThanOrEqual(25_000);
    for (const { id, shortDescription, fullDescription, help } of rules) {
      expect(id).toMatch(/^\S{1,255}$/);
      for (const { text } of [shortDescription, fullDescription]) expect(text).toMatch(/^.{1,1024}$/s);
      expect(help.text).not.toBe('');
    }
    for (const { ruleId, ruleIndex, message, locations, partialFingerprints, codeFlows = [] } of results) {
      expect(rules[ruleIndex]?.id).toBe(ruleId);
      expect(message.text).not.toBe('');
      expect(partialFingerprints.primaryLocationLineHash).toMatch(/^[0-9a-f]{16}:1$/);
      const steps = codeFlows.flatMap(({ threadFlows }) => threadFlows.flatMap((flow) => flow.locations));
      expect(steps.length).toBeLessThanOrEqual(10_000);
      expect(locations).toHaveLength(1);
      for (const { physicalLocation } of [...locations, ...steps.map(({ location }) => location)]) {
        const { artifactLocation, region } = physicalLocation;
        expect(() => new URL(artifactLocation.uri, 'file:///')).not.toThrow();
        for (const number of Object.values(region)) expect(number).toBeGreaterThanOrEqual(1);
        expect(Object.keys(region)).toEqual(['startLine', 'startColumn', 'endLine', 'endColumn']);
        expect(region.endColumn).toBeGreaterThan(region.startColumn);
      }
    }
  }
}

/** The text that a result points at. */
function textAt(log: SarifLog, folder: string): string {
  const { artifactLocation, region } = log.runs[0]!.results[0]!.locations[0]!.physicalLocation;
  const url = new URL(artifactLocation.uri, pathToFileURL(`${folder}/`));
  const line = readFileSync(url, 'utf8').split('\n')[region.startLine - 1]!;
  return line.slice(region.startColumn - 1, region.endColumn - 1);
}

const modules = new ModuleProcess();
afterAll(() => modules.end());
const inFolder = (args: readonly string[]) => modules.run(args, folder);

test.each<[string, () => Promise<SarifLog>]>([
  ['no finding', () => written(['bounded-fifo', '--variant', 'fixed'])],
  ['expected and suppressed ones', () => written(['ping-pong', 'bounded-fifo'])],
  ['a violation', () => written(['ping-pong', '--variant', 'careless'])],
  ['nothing decided', () => written(['ping-pong', '--variant', 'lossy', '--max-states', '5'])],
  ['names that try to be markup', () => written(['hostile'], (args) => run(args, { catalogue: [hostile] }))],
])('%s: the official schema and GitHub take it', async (_what, write) => {
  const log = await write();
  expect(isSarif(log)).toBe(true);
  expectGithubTakes(log);
});

describe('a result is at the line', () => {
  test('of the scenario', async () => {
    const log = await written(['ping-pong', '--variant', 'careless']);
    const { artifactLocation } = log.runs[0]!.results[0]!.locations[0]!.physicalLocation;
    expect(artifactLocation).toEqual({ uri: 'machines/textbook/ping-pong.ts', uriBaseId: '%SRCROOT%' });
    expect(textAt(log, root)).toBe('defineScenario');
  });

  test('of the scenario, also of a copy', async () => {
    const catalogue = [{ ...pingPong, name: 'copy' }];
    const log = await written(['copy', '--variant', 'careless'], (args) => run(args, { catalogue }));
    expect(textAt(log, root)).toBe('defineScenario');
  });

  test.each(['lights.ts', 'mistake.ts'])('of the system in %s, a module of TypeScript', async (module) => {
    const log = await written([`./${module}`], inFolder);
    expect(isSarif(log)).toBe(true);
    expectGithubTakes(log);
    expect(log.runs[0]!.results[0]!.locations[0]!.physicalLocation.artifactLocation.uri).toBe(module);
    expect(textAt(log, folder)).toBe('defineSystem');
  });
});
