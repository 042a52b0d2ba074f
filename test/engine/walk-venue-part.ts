// The example venue as a module that a core in a thread of its own makes.
import { WalkVenue } from '../../examples/custom-venue.ts';

export const createPart = ({ symbol }: { readonly symbol: string }): WalkVenue => new WalkVenue(symbol as never);
