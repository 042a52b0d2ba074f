// How the words after an option become values: one reader a kind, each with the sentence that says what it takes.

export interface Reader<Value> {
  /** In the usage, without brackets. */
  readonly placeholder: string;
  /** Read after "must be". */
  readonly expected: string;
  /** Undefined: not such a value. */
  readonly read: (text: string) => Value | undefined;
}

export type FeedChoice = { readonly kind: 'synthetic' } | { readonly kind: 'capture'; readonly file: string };
export type Speed = 'real' | 'max' | number;

const pathLengthMax = 4096;
const capturePrefix = 'capture:';

/** A path or a name; any text in one line. */
export function text(placeholder: string, lengthMax = pathLengthMax): Reader<string> {
  return {
    placeholder,
    expected: `1 to ${lengthMax} characters in one line`,
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
    read: (given) => (given.length <= lengthMax && /^[^\u0000-\u001f\u007f]+$/.test(given) ? given : undefined),
  };
}

export function whole(placeholder: string, min: number, max: number): Reader<number> {
  return {
    placeholder,
    expected: `a whole number from ${min} to ${max}`,
    read: (given) => (/^\d{1,16}$/.test(given) ? within(Number(given), min, max) : undefined),
  };
}

export function measure(placeholder: string, unit: string, min: number, max: number): Reader<number> {
  return {
    placeholder,
    expected: `a number of ${unit} from ${min} to ${max}`,
    read: (given) => (/^\d{1,12}(\.\d{1,6})?$/.test(given) ? within(Number(given), min, max) : undefined),
  };
}

export function oneOf<const Name extends string>(...names: readonly Name[]): Reader<Name> {
  return {
    placeholder: names.join('|'),
    expected: `one of ${names.join(', ')}`,
    read: (given) => names.find((name) => name === given),
  };
}

const times = measure('n', 'times', 0.01, 1000);
export const speed: Reader<Speed> = {
  placeholder: 'real|max|n',
  expected: 'real, max, or a number of times real time from 0.01 to 1000',
  read: (given) => (given === 'real' || given === 'max' ? given : times.read(given)),
};

const file = text('file');
export const feed: Reader<FeedChoice> = {
  placeholder: 'synthetic|capture:file',
  expected: 'synthetic, or capture: and the path of a recorded file',
  read: (given) => {
    if (given === 'synthetic') return { kind: 'synthetic' };
    if (!given.startsWith(capturePrefix)) return undefined;
    const path = file.read(given.slice(capturePrefix.length));
    return path === undefined ? undefined : { kind: 'capture', file: path };
  },
};

const within = (value: number, min: number, max: number): number | undefined =>
  value >= min && value <= max ? value : undefined;
