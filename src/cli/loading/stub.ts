/** Stubs: what stands for something that a module uses, and that a drawing of its machines does not need. */

/** What only browsers have, and modules ask for as they are loaded. */
export const BROWSER_GLOBALS: readonly string[] = [
  'window',
  'document',
  'location',
  'history',
  'navigator',
  'self',
  'screen',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'matchMedia',
  'requestAnimationFrame',
  'customElements',
  'HTMLElement',
  'Element',
  'Node',
  'Image',
  'Audio',
  'Worker',
  'WebSocket',
  'XMLHttpRequest',
  'IntersectionObserver',
  'ResizeObserver',
  'MutationObserver',
];

/** Can be called, made by `new`, and asked for anything: what it gives is a stub again. As a text it is empty, as a list, too. */
export function stub(name: string): unknown {
  const made = function stub() {};
  const next = () => stub(name);
  return new Proxy(made, {
    get: (target, key) => {
      if (key === 'name') return name;
      if (key === 'prototype') return target.prototype;
      if (key === Symbol.toPrimitive) return () => '';
      if (key === Symbol.iterator) return [][Symbol.iterator];
      // A promise it is not: who awaits it has it at once.
      return typeof key === 'symbol' || key === 'then' ? undefined : stub(key);
    },
    apply: next,
    construct: () => stub(name) as object,
    set: () => true,
  });
}

/**
 * Gives those that there are not.
 *
 * @param used hears which of them is asked for
 */
export function stubGlobals(used: (name: string) => void): void {
  for (const name of BROWSER_GLOBALS.filter((name) => !(name in globalThis))) {
    let value: unknown = stub(name);
    Object.defineProperty(globalThis, name, {
      configurable: true,
      get: () => {
        used(name);
        return value;
      },
      set: (given: unknown) => {
        value = given;
      },
    });
  }
}
