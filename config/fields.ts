// The kinds of values that a config file holds, each with the one sentence that says what it may be. Every schema issue carries that
// sentence as its message; where it happened is the loader's business.
import { z } from 'zod';
import { isPlainDecimal, parseRate } from '#domain/quantity.ts';

export const figureLengthMax = 40;

/** A whole number in `unit`; the sentence names the unit and both ends. */
export function whole(unit: string, min: number, max: number) {
  const expected = `a whole number${unit === '' ? '' : ` of ${unit}`} from ${min} to ${max}`;
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

/** A number that is measured, not counted, and is no money. */
export function measure(unit: string, min: number, max: number) {
  const expected = `a number${unit === '' ? '' : ` of ${unit}`} from ${min} to ${max}`;
  return z.number({ error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

/** Begins the sentence of a figure, so that the loader can tell from it that a bare number only lacks its quotes. */
export const quotedFigure = 'a quoted decimal';

/** A price, quantity or amount: a plain decimal string, not negative. A bare number would pass through a float. */
export function figure(options: { readonly positive: boolean; readonly example: string }) {
  const expected = `${quotedFigure} such as "${options.example}"${options.positive ? ', more than 0' : ''}`;
  return z
    .string({ error: expected })
    .max(figureLengthMax, { error: `${quotedFigure} of at most ${figureLengthMax} characters` })
    .refine((text) => isPlainDecimal(text) && (!options.positive || /[1-9]/.test(text)), { error: expected });
}

/** A share of an amount, such as a fee: "0.001" is 0.1%; negative is a rebate. */
export function rate() {
  const expected = `${quotedFigure} from "-1" to "1" with at most 9 decimals, such as "0.001" for 0.1%`;
  return z.string({ error: expected }).refine(isRate, { error: expected });
}

/** A part of a whole that is never negative: "0.75" is three quarters. */
export function share() {
  const expected = `${quotedFigure} from "0" to "1" with at most 9 decimals, such as "0.75"`;
  return z.string({ error: expected }).refine((text) => isRate(text) && !text.startsWith('-'), { error: expected });
}

export function name(lengthMax: number) {
  const expected = `1 to ${lengthMax} characters of A-Z a-z 0-9 _ -`;
  return z.string({ error: expected }).regex(new RegExp(`^[A-Za-z0-9_-]{1,${lengthMax}}$`), { error: expected });
}

export function line(what: string, lengthMax: number) {
  const expected = `${what}: text of 1 to ${lengthMax} characters in one line`;
  return (
    z
      .string({ error: expected })
      .max(lengthMax, { error: expected })
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
      .regex(/^[^\u0000-\u001f\u007f]*[^\u0000-\u001f\u007f\s][^\u0000-\u001f\u007f]*$/, { error: expected })
  );
}

export function oneOf<const Names extends readonly [string, ...string[]]>(...names: Names) {
  return z.enum(names, { error: names.length === 1 ? names[0] : `one of ${names.join(', ')}` });
}

export function yesNo() {
  return z.boolean({ error: 'true or false' });
}

export function list<Item extends z.ZodType>(what: string, item: Item, min: number, max: number) {
  const expected = `a list of ${min} to ${max} ${what}`;
  return z.array(item, { error: expected }).min(min, { error: expected }).max(max, { error: expected });
}

/** Keys that are not named are refused: a misspelled key must not leave a default in force unnoticed. */
export function section<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'invalid_type' ? `a section with the keys ${Object.keys(shape).join(', ')}` : undefined,
  });
}

function isRate(text: string): boolean {
  try {
    parseRate(text);
    return true;
  } catch {
    return false;
  }
}
