/**
 * The streams of the process, written at once to their file descriptors: in order, from whatever thread, and nothing is lost when
 * the process ends.
 */
import { isatty } from 'node:tty';
import type { Output } from './environment.ts';
import type { Screen } from './screen.ts';

/** Results could not be written, as on a full disk: there is no use in going on. */
export class OutputLost extends Error {}

export class DescriptorOutput implements Output {
  readonly isTTY: boolean;
  readonly #descriptor: 1 | 2;
  readonly #screen: Screen;
  #isLost = false;

  constructor(descriptor: 1 | 2, screen: Screen) {
    this.#descriptor = descriptor;
    this.#screen = screen;
    this.isTTY = isatty(descriptor);
  }

  get columns(): number | undefined {
    return this.#screen.columns(this.#descriptor);
  }

  /** @throws OutputLost once, when results cannot be written; a pipe that its reader closed has been read enough */
  write(text: string | Uint8Array): void {
    if (this.#isLost) return;
    try {
      this.#screen.write(this.#descriptor, text);
    } catch (error) {
      this.#isLost = true;
      const { code, message } = error as NodeJS.ErrnoException;
      // Without stderr there is nobody to tell that it is gone.
      if (code === 'EPIPE' || this.#descriptor === 2) return;
      throw new OutputLost(`cannot write to stdout: ${message}`, { cause: error });
    }
  }
}
