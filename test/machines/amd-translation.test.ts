/** What an AMD IOMMU makes of an address, entry by entry. */
import { expect, test } from 'vitest';
import { deviceTableEntry } from '../../machines/hardware/amd/device-table-entry.ts';
import { type TableEntry, tablePage, translation } from '../../machines/hardware/amd/table-page.ts';
import { check } from '../../src/explore/check.ts';
import type { SystemView } from '../../src/system/property.ts';
import { actor, defineSystem } from '../../src/system/system.ts';

/** Root of three levels, whose entry is given; below it a table of two levels and one of one. */
async function translated(entry: TableEntry | null, address: readonly number[]): Promise<string | null> {
  let found: string | null = 'not asked';
  const table = (entries: readonly (TableEntry | null)[]) => actor(tablePage, { input: { entries } });
  const system = defineSystem({
    actors: {
      dte: actor(deviceTableEntry, { input: { root: 'root', mode: 3 } }),
      root: table([entry, null]),
      middle: table([null, { to: 'leaf', level: 1 }]),
      leaf: table([null, { to: 'page', level: 0 }]),
    },
    unsent: 'ignore',
    properties: ({ always }) => [
      always('the address is looked up', (view) => {
        found = translation(impatient(view), 'dte', address);
        return true;
      }),
    ],
  });
  expect((await check(system)).error?.message).toBeUndefined();
  return found;
}

/** A walk without an end would keep the test from failing. */
function impatient(view: SystemView): SystemView {
  let reads = 0;
  return {
    ...view,
    get(name) {
      if (++reads > 10) throw new Error(`the walk comes to ${name} again and again`);
      return view.get(name);
    },
  };
}

test('an index for each level leads from the root to the page', async () => {
  expect(await translated({ to: 'middle', level: 2 }, [1, 1, 0])).toBe('page');
});

test.each([[[0, 1, 0]], [[1, 0, 0]], [[1, 1, 1]]])('an entry that is not present is a fault: %s', async (address) => {
  expect(await translated({ to: 'middle', level: 2 }, address)).toBeNull();
});

test('levels may be skipped where the index is 0', async () => {
  expect(await translated({ to: 'leaf', level: 1 }, [1, 0, 0])).toBe('page');
  expect(await translated({ to: 'leaf', level: 1 }, [1, 1, 0])).toBeNull();
});

test('an address above what the levels reach is a fault', async () => {
  expect(await translated({ to: 'middle', level: 2 }, [1, 1, 0, 1])).toBeNull();
});

test('an entry that does not lead down is a fault', async () => {
  expect(await translated({ to: 'root', level: 3 }, [1, 1, 0])).toBeNull();
});
