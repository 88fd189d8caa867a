import Store

/// What the process as a whole owes to those whose data it holds.
public enum Secrecy {
    /// No core of it, and no look into it from outside: keys, addresses and words are in its memory. Before anything is read.
    public static func begin() { ProcessMemory.hide() }
}
