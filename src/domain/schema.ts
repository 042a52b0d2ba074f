// The shapes of what is journaled, as values: one declaration gives the TypeScript type, the binary codec, the check at read and
// the JSON form. Holds no codec itself (src/journal/codec.ts reads these shapes).

declare const value: unique symbol;
interface Typed<T> {
  readonly [value]?: T;
}

/** How one field is laid out; the phantom parameter is its TypeScript type. */
export type Kind<T = unknown> = Typed<T> &
  (
    | { readonly kind: 'text'; readonly maxLength: number }
    | { readonly kind: 'int' }
    | { readonly kind: 'units' }
    | { readonly kind: 'flag' }
    | { readonly kind: 'choice'; readonly names: readonly string[] }
    | { readonly kind: 'nullable'; readonly of: Kind }
    | { readonly kind: 'list'; readonly of: Kind; readonly maxItems: number }
    | { readonly kind: 'shape'; readonly fields: Fields }
  );
export type Fields = { readonly [name: string]: Kind };

/** The TypeScript type that a kind describes. */
export type Value<K> = K extends Typed<infer T> ? T : never;
/** The object type that a set of fields describes. */
export type Shape<F extends Fields> = { readonly [N in keyof F]: Value<F[N]> };
/** A discriminated union over `type`, one member a named set of fields. */
export type Union<S extends { readonly [name: string]: Fields }> = {
  [N in keyof S & string]: { readonly type: N } & Shape<S[N]>;
}[keyof S & string];

export const textLengthMax = 256;

/** UTF-8 text of at most `maxLength` code units; give the branded type as the parameter. */
export const text = <T extends string = string>(maxLength = textLengthMax): Kind<T> => ({ kind: 'text', maxLength });
/** A safe integer. */
export const int = <T extends number = number>(): Kind<T> => ({ kind: 'int' });
/** An integer of any size: money in ledger units. */
export const units = <T extends bigint = bigint>(): Kind<T> => ({ kind: 'units' });
export const flag = (): Kind<boolean> => ({ kind: 'flag' });
/** One of at most 256 names. Append only: the index is what the journal holds. */
export const choice = <const N extends string>(...names: readonly N[]): Kind<N> => ({ kind: 'choice', names });
export const nullable = <T>(of: Kind<T>): Kind<T | null> => ({ kind: 'nullable', of });
export const list = <T>(of: Kind<T>, maxItems: number): Kind<readonly T[]> => ({ kind: 'list', of, maxItems });
export const shape = <const F extends Fields>(fields: F): Kind<Shape<F>> => ({ kind: 'shape', fields });
