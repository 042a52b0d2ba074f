// How a memory with a bound forgets: the entry that was put in first goes.
export function dropFirst<Key>(memory: Map<Key, unknown>): void {
  for (const key of memory.keys()) {
    memory.delete(key);
    return;
  }
}
