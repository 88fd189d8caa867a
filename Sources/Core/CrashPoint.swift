#if DEBUG
    import Synchronization

    /// Named instants at which the process can be made to end as if it were killed: `CLARION_CRASH_POINT=CP10:3` ends it at the third pass of
    /// CP10. In debug builds only; a release build has neither the points nor the variable.
    ///
    /// Numbers up to CP36 are those of the fault catalogue, of which the points that this flow has are here; the others are our own.
    public enum CrashPoint: String, Sendable, CaseIterable {
        /// An event's bytes were read; nobody has looked at them.
        case bodyRead = "CP01"
        /// The event was found good and filed, T1 is not committed.
        case insideT1 = "CP02"
        /// T1 is committed, the producer has no answer.
        case afterT1 = "CP03"
        /// Events were picked to be planned.
        case eventPicked = "CP05"
        /// They are planned, with the intents of what leaves at once; T2 is not committed.
        case insideT2 = "CP06"
        /// T2, and T3 with it, is committed, nobody was told.
        case afterT2 = "CP07"
        /// The texts and the call of an attempt are made, its intent is not filed.
        case rendered = "CP09"
        /// T3 is committed, the transport has nothing of it.
        case intentCommitted = "CP10"
        /// There is a connection; the recorder says *connected*.
        case connected = "CP11"
        /// The recorder says *request started*. Of HTTP no byte has left; of a mail the envelope has.
        case requestStarted = "CP12"
        /// The request has left and the answer has come; nobody has looked at it.
        case answerArrived = "CP13"
        /// A part of the answer was read; the recorder says *first byte*.
        case answerStarted = "CP14"
        /// The answer is understood; the recorder does not say so.
        case answerParsed = "CP15"
        /// The recorder says *parsed*, T4 has not begun.
        case recorderUpdated = "CP16"
        /// The outcomes are written, T4 is not committed.
        case insideT4 = "CP17"
        /// T4 is committed, the slots are not given back.
        case afterT4 = "CP18"
        /// Timers are due, T6 has not begun.
        case timerDue = "CP20"
        /// They are fired with their effect, T6 is not committed.
        case insideT6 = "CP21"
        /// The write-ahead log was copied into the database; nothing was written behind it.
        case checkpointed = "CP25"
        /// The tables are made, the migration is not committed.
        case insideMigration = "CP27"
        /// Some data keys are wrapped anew, T9 is not committed.
        case insideRotation = "CP28"
        /// Some rows of who was erased are empty, T9 is not committed.
        case insideErasure = "CP29"
        /// Something too old is dropped, T9 is not committed.
        case insideRetention = "CP30"
        /// The worker was asked to stop and has begun nothing more.
        case drainStarted = "CP34"
        /// The mark of a clean stop is written; the last checkpoint is not made.
        case cleanMark = "CP35"
        /// What was open is settled, recovery is not committed.
        case insideRecovery = "CP37"
        /// Recovery is committed; the last process's recorder is still there.
        case afterRecovery = "CP38"

        private struct Armed: Sendable {
            var point: CrashPoint
            /// That are still to come.
            var passes: Int
            var end: @Sendable () -> Void
        }
        private static let armed = Mutex<Armed?>(nil)

        /// - Parameters:
        ///   - wish: `CP10` or `CP10:3`.
        ///   - end: ends the process.
        /// - Returns: false when the wish names no point or no pass.
        public static func arm(_ wish: String, end: @escaping @Sendable () -> Void) -> Bool {
            let parts = wish.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2, let point = CrashPoint(rawValue: String(parts[0])),
                let passes = parts.count == 1 ? 1 : Int(parts[1]), passes > 0
            else { return false }
            armed.withLock { $0 = Armed(point: point, passes: passes, end: end) }
            return true
        }

        public static func pass(_ point: CrashPoint) {
            armed.withLock { armed in
                guard armed?.point == point else { return }
                armed?.passes -= 1
                if armed?.passes == 0 { armed?.end() }
            }
        }
    }
#endif
