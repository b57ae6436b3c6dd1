import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { PUBLISHED, schemaText } from './json-schemas.ts';

const folder = fileURLToPath(new URL('../docs/schemas', import.meta.url));

describe('docs/schemas', () => {
  test.each(PUBLISHED)('$name.schema.json is what zod says', (published) => {
    const path = `${folder}/${published.name}.schema.json`;
    if (process.env.UPDATE_DOCS) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, schemaText(published));
    }
    expect(readFileSync(path, 'utf8'), 'run UPDATE_DOCS=1 npx vitest run test/json-schemas.test.ts').toBe(
      schemaText(published),
    );
  });

  test('holds nothing else', () => {
    expect(readdirSync(folder).sort()).toEqual(PUBLISHED.map(({ name }) => `${name}.schema.json`).sort());
  });

  test.each(PUBLISHED)('$name says its version, and refuses no member that is added later', (published) => {
    const { $id, title, $schema } = JSON.parse(schemaText(published));
    expect({ $id, title, $schema }).toEqual({
      $id: `urn:faultline:${published.name}:v${published.version}`,
      title: expect.stringContaining(`version ${published.version}`),
      $schema: 'https://json-schema.org/draft/2020-12/schema',
    });
    // The Informal Trace Format is not ours to extend.
    if (published.name !== 'itf') expect(schemaText(published)).not.toContain('"additionalProperties": false');
  });
});
