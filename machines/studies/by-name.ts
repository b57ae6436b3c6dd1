// biome-ignore-all format: a line for each
/** The studies, each loaded when it is asked for. Written by `npm run generate`. */
import type { Study } from '../../src/simulate/study.ts';

const LOADERS: Readonly<Record<string, () => Promise<Study>>> = {
  'comparators': async () => (await import('./comparators.ts')).comparators,
  'delivery': async () => (await import('./delivery.ts')).delivery,
  'density': async () => (await import('./density.ts')).density,
  'hisi-sec': async () => (await import('./hisi-sec.ts')).hisiSec,
  'invalidation-flood': async () => (await import('./invalidation-flood.ts')).invalidationFlood,
  'locked-memory': async () => (await import('./locked-memory.ts')).lockedMemory,
  'look-up': async () => (await import('./look-up.ts')).lookUp,
  'pre-mapping': async () => (await import('./pre-mapping.ts')).preMapping,
  'queue-size': async () => (await import('./queue-size.ts')).queueSize,
  'start-up': async () => (await import('./start-up.ts')).startUp,
  'thread-scaling': async () => (await import('./thread-scaling.ts')).threadScaling,
};

export const studyNames: readonly string[] = Object.keys(LOADERS);

/** The study that has this name; nothing where there is none. */
export async function studyNamed(name: string): Promise<Study | undefined> {
  return Object.hasOwn(LOADERS, name) ? LOADERS[name]?.() : undefined;
}
