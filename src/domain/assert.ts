// Invariants that stay on in production. A failed assert is a bug: it stops the actor, which then rebuilds from the journal.

/** Thrown by a broken invariant; never caught to carry on, only to attribute and restart. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** Throws InvariantError with `message` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The end of an exhaustive switch: a value that reaches it was not covered by a case. */
export function unreachable(value: never): never {
  throw new InvariantError(`unhandled case: ${JSON.stringify(value)}`);
}
