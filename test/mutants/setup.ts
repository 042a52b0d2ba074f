// What a mutant's tests share: the same cases for every mutant, and no search for the smallest counterexample, which nobody would read.
import fc from 'fast-check';

fc.configureGlobal({ seed: 42, endOnFailure: true });
