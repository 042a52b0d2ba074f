// The hash of a run: two runs with equal turns have equal hashes, wherever they ran. It is a check, not a signature.
import type { Turn } from './actor.ts';
import { hashText } from './random.ts';

/** Feed it to a system's `trace`; 64 bits as 16 hexadecimal digits. */
export class TraceHash {
  #high = 0x811c9dc5;
  #low = 0x243f6a88;
  #turns = 0;

  add(turn: Turn): void {
    const line = `${turn.nowUs} ${turn.id}#${turn.incarnation} ${JSON.stringify(turn.message, plainBigint)}\n`;
    this.#high = hashText(line, this.#high);
    this.#low = hashText(line, this.#low);
    this.#turns += 1;
  }

  get turns(): number {
    return this.#turns;
  }

  get value(): string {
    return this.#high.toString(16).padStart(8, '0') + this.#low.toString(16).padStart(8, '0');
  }
}

function plainBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
