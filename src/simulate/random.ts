/**
 * Random times. Each kind of thing that is drawn has a stream of its own, so that one more draw of the one changes nothing of the
 * others: two variants of a system that are given the same seed differ by what differs between them, and not by luck.
 */
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';
import type { Distribution } from '../system/durations.ts';
import { mixed } from '../tabulate/random.ts';

/** xoroshiro128+ (Blackman and Vigna); streams are 2^64 draws apart. */
export class Streams {
  readonly #generators: JumpableRandomGenerator[] = [];
  #next: JumpableRandomGenerator;

  /** @param seed any whole number; neighbours have nothing to do with each other */
  constructor(seed: number) {
    // The generator's own seeding gives neighbouring seeds first draws that are neighbours.
    let hash = mixed(mixed(seed | 0) ^ Math.floor(seed / 2 ** 32));
    const words = Array.from({ length: 4 }, (_, at) => {
      hash = mixed(hash + 0x9e3779b9 + at);
      return hash;
    });
    this.#next = xoroshiro128plusFromState(words.every((word) => word === 0) ? [1, 0, 0, 0] : words);
  }

  #stream(stream: number): JumpableRandomGenerator {
    while (this.#generators.length <= stream) {
      this.#generators.push(this.#next.clone());
      this.#next.jump();
    }
    return this.#generators[stream]!;
  }

  /** From 0 to below 1, of 53 bits. */
  uniform(stream: number): number {
    const generator = this.#generators[stream] ?? this.#stream(stream);
    return ((generator.next() >>> 5) * 2 ** 26 + (generator.next() >>> 6)) / 2 ** 53;
  }

  draw(distribution: Distribution, stream: number): number {
    switch (distribution.kind) {
      case 'constant':
        return distribution.value;
      case 'exponential':
        return -distribution.mean * Math.log1p(-this.uniform(stream));
      case 'uniform':
        return distribution.from + (distribution.to - distribution.from) * this.uniform(stream);
      case 'log-normal':
        return this.#logNormal(distribution.mean, distribution.deviation, stream);
      case 'empirical':
        return this.#empirical(distribution, stream);
    }
  }

  /** By Box and Muller, with two draws each time: how many there are must not depend on what was drawn. */
  #logNormal(mean: number, deviation: number, stream: number): number {
    const variance = Math.log1p((deviation / mean) ** 2);
    const radius = Math.sqrt(-2 * Math.log1p(-this.uniform(stream)));
    const normal = radius * Math.cos(2 * Math.PI * this.uniform(stream));
    return mean * Math.exp(Math.sqrt(variance) * normal - variance / 2);
  }

  #empirical({ values, weights }: Extract<Distribution, { kind: 'empirical' }>, stream: number): number {
    const drawn = this.uniform(stream);
    if (!weights) return values[Math.floor(drawn * values.length)]!;
    let left = drawn * weights.reduce((sum, weight) => sum + weight, 0);
    const at = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    // Rounding may leave a little over.
    return values[at < 0 ? weights.findLastIndex((weight) => weight > 0) : at]!;
  }
}
