/** A worker thread that fails, for `threads.test.ts`. */
export default function fail(): never {
  throw new Error('out of luck');
}
