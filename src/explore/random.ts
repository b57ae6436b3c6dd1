/**
 * Whole numbers from 0 up to an end, from a seed: sfc32, Chris Doty-Humphrey's "small fast counting" generator of PractRand,
 * seeded as there.
 */
export function randomBelow(seed: number): (end: number) => number {
  let [a, b, c, counter] = [0, seed | 0, Math.floor(seed / 2 ** 32) | 0, 1];
  const next = () => {
    const result = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    return result >>> 0;
  };
  for (let round = 0; round < 12; round++) next();
  return (end) => Math.floor((next() / 2 ** 32) * end);
}
