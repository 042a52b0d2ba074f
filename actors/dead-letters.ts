// What was never delivered: counted for ever by reason, kept in a ring of the newest. It lacks any redelivery.
import type { DeadLetter, DeadLetterReason, PlainError } from './actor.ts';

export interface LostMessage {
  readonly atUs: number;
  readonly reason: DeadLetterReason;
  readonly id: string;
  readonly incarnation: number;
  readonly senderId?: string | undefined;
  readonly message: unknown;
  readonly error?: unknown;
}

/** A ring of at most `slotsMax` dead letters. */
export class DeadLetters {
  readonly #slotsMax: number;
  readonly #ring: DeadLetter[] = [];
  readonly #counts = new Map<DeadLetterReason, number>();
  #total = 0;

  constructor(slotsMax: number) {
    this.#slotsMax = slotsMax;
  }

  add(lost: LostMessage): void {
    this.#ring[this.#total % this.#slotsMax] = {
      sequence: this.#total + 1,
      atUs: lost.atUs,
      reason: lost.reason,
      id: lost.id,
      incarnation: lost.incarnation,
      senderId: lost.senderId,
      message: lost.message,
      error: lost.error === undefined ? undefined : plainError(lost.error),
    };
    this.#total += 1;
    this.#counts.set(lost.reason, (this.#counts.get(lost.reason) ?? 0) + 1);
  }

  get total(): number {
    return this.#total;
  }

  /** How many ever, by reason. */
  counts(): Readonly<Partial<Record<DeadLetterReason, number>>> {
    return Object.fromEntries(this.#counts);
  }

  /** The newest, oldest first. */
  list(): readonly DeadLetter[] {
    const first = this.#total > this.#slotsMax ? this.#total % this.#slotsMax : 0;
    return [...this.#ring.slice(first), ...this.#ring.slice(0, first)];
  }
}

/** Whatever was thrown, as a plain value. */
export function plainError(thrown: unknown): PlainError {
  if (thrown instanceof Error) return { name: thrown.name, message: thrown.message };
  return { name: 'Thrown', message: safeText(thrown) };
}

function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'a value without text';
  }
}
