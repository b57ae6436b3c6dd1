// biome-ignore-all format: a line for each
/** The studies, each loaded when it is asked for. Written by `npm run generate`. */
import type { Study } from '../../src/simulate/study.ts';

const LOADERS: Readonly<Record<string, () => Promise<Study>>> = {
  'hisi-sec': async () => (await import('./hisi-sec.ts')).hisiSec,
  'locked-memory': async () => (await import('./locked-memory.ts')).lockedMemory,
  'pre-mapping': async () => (await import('./pre-mapping.ts')).preMapping,
  'start-up': async () => (await import('./start-up.ts')).startUp,
};

export const studyNames: readonly string[] = Object.keys(LOADERS);

/** The study that has this name; nothing where there is none. */
export async function studyNamed(name: string): Promise<Study | undefined> {
  return Object.hasOwn(LOADERS, name) ? LOADERS[name]?.() : undefined;
}
