// A set of indices 0..32767 as a three-level bitmap: insert, delete and "next lower" in a constant number of steps.
// Has no bounds checks; its only caller, the ladder, keeps indices inside the window.

const FANOUT = 32;
/** Indices the bitmap can hold: three levels of 32-bit words. */
export const BITMAP_SIZE = FANOUT ** 3;
/** Answer when there is no such index. */
export const NO_INDEX = -1;

export class TickBitmap {
  private readonly leaves = new Int32Array(FANOUT ** 2);
  private readonly branches = new Int32Array(FANOUT);
  private root = 0;

  has(index: number): boolean {
    return ((this.leaves[index >>> 5] as number) & (1 << (index & 31))) !== 0;
  }

  insert(index: number): void {
    const leaf = index >>> 5;
    const branch = leaf >>> 5;
    this.leaves[leaf] = (this.leaves[leaf] as number) | (1 << (index & 31));
    this.branches[branch] = (this.branches[branch] as number) | (1 << (leaf & 31));
    this.root |= 1 << branch;
  }

  delete(index: number): void {
    const leaf = index >>> 5;
    const branch = leaf >>> 5;
    const leafWord = (this.leaves[leaf] as number) & ~(1 << (index & 31));
    this.leaves[leaf] = leafWord;
    if (leafWord !== 0) return;
    const branchWord = (this.branches[branch] as number) & ~(1 << (leaf & 31));
    this.branches[branch] = branchWord;
    if (branchWord === 0) this.root &= ~(1 << branch);
  }

  clear(): void {
    this.leaves.fill(0);
    this.branches.fill(0);
    this.root = 0;
  }

  highest(): number {
    return this.root === 0 ? NO_INDEX : this.highestInBranch(highestBit(this.root));
  }

  lowest(): number {
    if (this.root === 0) return NO_INDEX;
    const branch = lowestBit(this.root);
    const leaf = (branch << 5) | lowestBit(this.branches[branch] as number);
    return (leaf << 5) | lowestBit(this.leaves[leaf] as number);
  }

  /** The highest index below `index`, which itself need not be in the set. */
  below(index: number): number {
    const leaf = index >>> 5;
    const leafWord = (this.leaves[leaf] as number) & bitsBelow(index & 31);
    if (leafWord !== 0) return (leaf << 5) | highestBit(leafWord);
    const branch = leaf >>> 5;
    const branchWord = (this.branches[branch] as number) & bitsBelow(leaf & 31);
    if (branchWord !== 0) return this.highestInLeaf((branch << 5) | highestBit(branchWord));
    const rootWord = this.root & bitsBelow(branch);
    return rootWord === 0 ? NO_INDEX : this.highestInBranch(highestBit(rootWord));
  }

  /** Every summary bit that does not say what the words below it say. */
  checkInvariants(): string[] {
    const violations: string[] = [];
    for (let branch = 0; branch < FANOUT; branch += 1) {
      const branchWord = this.branches[branch] as number;
      if (isSet(this.root, branch) !== (branchWord !== 0))
        violations.push(`bitmap root disagrees with branch ${branch}`);
      for (let bit = 0; bit < FANOUT; bit += 1) {
        const leaf = (branch << 5) | bit;
        const filled = this.leaves[leaf] !== 0;
        if (isSet(branchWord, bit) !== filled) violations.push(`bitmap branch ${branch} disagrees with leaf ${leaf}`);
      }
    }
    return violations;
  }

  private highestInBranch(branch: number): number {
    return this.highestInLeaf((branch << 5) | highestBit(this.branches[branch] as number));
  }

  private highestInLeaf(leaf: number): number {
    return (leaf << 5) | highestBit(this.leaves[leaf] as number);
  }
}

const highestBit = (word: number): number => 31 - Math.clz32(word);
const lowestBit = (word: number): number => 31 - Math.clz32(word & -word);
const bitsBelow = (bit: number): number => (1 << bit) - 1;
const isSet = (word: number, bit: number): boolean => (word & (1 << bit)) !== 0;
