// The form of an amendment, checked for its shape; whether the order can be what it asks for is the gate's to say.
import { readId, readPositive, readTime } from './commands.ts';
import { InputError } from './quantity.ts';

/** What is left out stays as it is. */
export interface AmendForm {
  /** Decimal string in base currency: all of the order, with what is filled. */
  readonly quantity?: string;
  /** Decimal string in quote currency. */
  readonly limitPrice?: string;
  /** Milliseconds since the Unix epoch; then the amendment is refused when it is too old, from the future, or overtaken. */
  readonly sentAt?: number;
  /** Who sends: `sentAt` may not go back within one source, whether it submits or amends. Default: the strategy of the order. */
  readonly source?: string;
}

/** An amendment as the gate is asked for it. */
export interface AmendRequest {
  readonly quantity: string | null;
  readonly limitPrice: string | null;
  readonly sentAtMs: number | null;
  readonly source: string | null;
}

const formKeys = new Set(['quantity', 'limitPrice', 'sentAt', 'source']);

/** Fails: InputError that names the field, the value and the limit (unknown field, not a plain decimal, bad time or source). */
export function readAmendForm(form: AmendForm): AmendRequest {
  if (typeof form !== 'object' || form === null) throw new InputError('amendment', String(form), 'an object');
  for (const key of Object.keys(form)) {
    if (!formKeys.has(key)) throw new InputError(key, 'present', `one of ${[...formKeys].join(', ')}`);
  }
  const { quantity, limitPrice, sentAt, source } = form;
  return {
    quantity: quantity === undefined ? null : readPositive('quantity', quantity),
    limitPrice: limitPrice === undefined ? null : readPositive('limitPrice', limitPrice),
    sentAtMs: sentAt === undefined ? null : readTime('sentAt', sentAt),
    source: source === undefined ? null : readId('source', source, 32),
  };
}
