/** Mermaid itself, for tests that let it read what we write: it needs a browser's `document`, and jsdom's will do. */
import { JSDOM } from 'jsdom';

type Mermaid = typeof import('mermaid')['default'];

const globals = globalThis as unknown as Record<string, unknown>;

export async function loadMermaid(): Promise<Mermaid> {
  const { window } = new JSDOM('<!doctype html><body></body>');
  Object.assign(globals, { window, document: window.document });
  const mermaid = (await import('mermaid')).default;
  mermaid.initialize({ startOnLoad: false });
  return mermaid;
}

export function unloadMermaid(): void {
  delete globals.window;
  delete globals.document;
}
