/**
 * The last step of `npm run build`: the machines' declarations fit every XState of the range. Since 5.33 its `StateMachine` has one more
 * type parameter, the last one. Its default is what our machines have, so it need not be written.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MACHINES = fileURLToPath(new URL('../dist/machines', import.meta.url));

for (const { name, parentPath } of readdirSync(MACHINES, { recursive: true, withFileTypes: true })) {
  if (!name.endsWith('.d.ts')) continue;
  const path = join(parentPath, name);
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/, import\("xstate"\)\.MetaObject>/g, '>'));
}
