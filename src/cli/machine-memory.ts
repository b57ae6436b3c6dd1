import { totalmem } from 'node:os';
import { constrainedMemory } from 'node:process';

/** Half of the machine's memory, or of what a container lets this process have. */
export function defaultBytes(): number {
  const limit = constrainedMemory();
  const available = limit > 0 ? Math.min(totalmem(), limit) : totalmem();
  return Math.floor(available / 2);
}
