/** What `npm run generate` writes is what stands in the repository. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { generated } from '../generate.ts';

test.each([...generated()])('machines/%s is up to date', (file, source) => {
  const written = readFileSync(new URL(`../../machines/${file}`, import.meta.url), 'utf8');
  expect(written, 'run npm run generate').toBe(source);
});
