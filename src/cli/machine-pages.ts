/** `docs/machines`, as the package brings it along: what `npm run generate` has found out of every machine of the library. */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type MachineDocument, machinesDocumentSchema } from './documents.ts';
import { readText } from './read-file.ts';

/** The file in that folder that programs read. */
export const MACHINE_PAGES = 'machines.json';

/** @throws UsageError when the package was installed without its documents */
export function readMachines(): readonly MachineDocument[] {
  // By its own name, because the way up to package.json is longer from dist than from src.
  const root = dirname(createRequire(import.meta.url).resolve('faultline/package.json'));
  const text = readText('what is known of the machines,', join(root, 'docs/machines', MACHINE_PAGES));
  return machinesDocumentSchema.parse(JSON.parse(text)).machines;
}
