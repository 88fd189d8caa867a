import CSQLite
import Glibc

/// What a process with keys in it shows of its memory.
public enum ProcessMemory {
    /// From now on the kernel writes no core of this process, whatever its limits and wherever cores go, and lets no other process of the same user look into it:
    /// a core would hold keys, addresses and words that are sealed everywhere else. Root can look into every process.
    ///
    /// A debug build that is not root's goes on to let its own user look in, as debuggers and the tests do; it still writes no core.
    public static func hide() {
        var none = rlimit(rlim_cur: 0, rlim_max: 0)
        // Never refused: it is lowered.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
        #if DEBUG
            guard getuid() == 0 else { return }
        #endif
        _ = clarion_hide_memory()
    }
}
