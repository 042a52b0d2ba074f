// The package's version, as it goes into the journal and `bot4 --version`. A test holds it against package.json.
export const version = '0.1.0';
