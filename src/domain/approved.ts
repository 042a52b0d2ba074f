// The seal of the gate. Only account.ts may call `approve`; a symbol and a connector take nothing that could add risk without it.
declare const sealed: unique symbol;

/** A command that the gate has let through. */
export type Approved<Command> = Command & { readonly [sealed]: 'approved' };

/** Puts the seal on a command. Imported by account.ts alone (an import rule checks it). */
export const approve = <Command>(command: Command): Approved<Command> => command as Approved<Command>;
