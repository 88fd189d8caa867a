#if PLANTED
    import Glibc
#endif

/// Faults on purpose. Each breaks one rule, and the fast tests have to find it: a suite that cannot fail proves nothing (docs/faults.md).
///
/// They are there only in a build with `CLARION_PLANTED=1` in its environment (`-D PLANTED`), one at a time, named by `CLARION_PLANTED_BUG` of the
/// process; in every other build `isActive` is the constant false.
public enum PlantedBug: String, CaseIterable, Sendable {
    // The store.
    /// A commit is acknowledged before it is on the disk.
    case commitsWithoutFlush
    /// Who wrote is told before COMMIT.
    case acknowledgesBeforeCommit
    /// What a closure wrote before it failed stays.
    case keepsFailedClosure
    /// Two processes may own one store.
    case takesNoLock
    /// A row of the log does not hold on to the one before.
    case forgetsChain
    /// A log that was cut off at its end verifies.
    case ignoresChainHead
    /// A delivery that is in flight or ended is started again.
    case startsTwice
    /// A result is written over another result.
    case finishesTwice
    /// A timer that was fired or cancelled fires.
    case firesTwice
    /// A sealed value opens in another row.
    case sealsAnywhere
    /// A start settles nothing.
    case forgetsOpenIntents
    /// Another content under a known id is a repeat.
    case callsConflictDuplicate
    /// The same news under another id is news.
    case tellsSameNews

    // Deciding.
    case appliesStaleEvents
    case ignoresWhatWasTold
    case ignoresHoldOff
    case ignoresQuietHours
    case ignoresCaps
    case ignoresOptOut
    case ignoresAllowlist
    /// Every child of an incident is told by itself.
    case tellsEveryChild
    /// What waits goes out although it is over.
    case cancelsNothing
    /// A new promise after a broken one puts off who is asked.
    case putsOffEscalation
    /// A holiday counts as the weekday it falls on.
    case worksOnHolidays
    /// A call is offered whatever the account's failures.
    case offersAtOnce
    /// What changes in an indexed block is searched for as it was.
    case forgetsChanges
    /// A failure counts as often as it was told of.
    case countsEpisodes
    /// A complaint that was answered is brought up again.
    case remindsOfAnswered
    /// Nobody looks whether an urgent notice was delivered.
    case forgetsSupport
    /// What is for the compliance officer goes to whoever reads the findings.
    case tellsTheDeskOfRestrictions

    // Sending.
    /// What may have been taken is called not sent.
    case callsDoubtNotSent
    /// 502 and 504 are refusals.
    case retriesBadGateway
    /// libcurl may send a request again by itself.
    case allowsSecondSend
    /// A restart sends again what had started.
    case callsStartedUnsent
    /// Every flight recorder is believed, also of another boot.
    case believesEveryRecorder
    /// A restart repeats on every account.
    case repeatsBlind
    /// Every try renders anew and makes a key of its own.
    case makesNewKeys
    /// What may have been taken goes to another account.
    case failsOverInDoubt
    /// What is high gets its place in a window when what hangs has left it.
    case waitsBehindBulk
    /// What may have been taken is called cancelled when it is over.
    case cancelsDoubt
    /// What nobody can know is shown to nobody.
    case hidesDoubt
    case dropsDeadLetters
    /// 2xx is acceptance, whatever the body says.
    case acceptsWithoutProof
    case sendsExpired
    case sendsInAnotherMode
    case ignoresRetryAfter
    case neverOpensBreaker
    /// A full disk keeps the process from ever ending.
    case waitsForSpaceForEver
    /// Bulk takes the places of what is high.
    case lendsReserve
    /// A store that was brought back sends what waits in it.
    case ignoresFence
    /// What an operator holds is sent.
    case sendsHeld
    /// What was held stays so when the hold has ended.
    case keepsHeld
    /// Many are changed at once without anybody saying how many.
    case asksNoCount
    /// Accounts begin anew with every process.
    case forgetsAccounts
    /// What an account gets after failures is all again with every process.
    case forgetsMeasures
    /// A rate begins with a full second after every start.
    case forgetsBucket
    /// An address that was refused for good is used again.
    case forgetsDeadAddresses

    // Texts.
    /// Whoever submits texts may approve them.
    case approvesOwnTexts
    /// What new texts lead to ends nothing.
    case keepsBadTexts
    /// A message says what is in force when it leaves, not what it was planned with.
    case sendsOtherTexts

    // Names.
    /// What a name stands for is handed on as it came.
    case resolvesUnchecked
    /// An answer is used however old it is.
    case keepsStaleForever
    /// One account may take all of the resolver's threads.
    case lendsResolver
    /// libcurl may look up a name by itself.
    case letsLibcurlResolve

    // Receipts.
    /// Whoever knows the address may say what became of a message.
    case believesForgedReceipts
    /// Receipts are taken from every address.
    case takesReceiptsFromAnywhere
    /// One account may speak of another's messages.
    case believesForeignReceipts
    /// A later word moves a delivery back.
    case lowersByReceipts
    /// What came before its own answer is lost.
    case forgetsEarlyReceipts
    /// A failed message waits for the time of its next step.
    case hastensNothing
    /// Accounts whose messages arrive late get as many as before.
    case trustsSlowAccounts
    /// An account whose receipts do not come loses nothing.
    case forgivesSilence
    /// A message that the person's phone or number failed goes to another account.
    case resendsUndelivered
    /// An account that could not deliver a message gets it again.
    case returnsToSpentAccounts
    /// An opened push notice counts as unseen.
    case overlooksOpened
    /// What is high and in doubt waits for the time of its next step.
    case waitsInDoubt
    /// What nothing can answer any more counts as still being found out.
    case hopesForEver

    // Asking the provider.
    /// What is not found yet is sent again.
    case resendsBeforeHorizon
    /// A message with other words is taken for ours.
    case findsOtherWords
    /// A list that goes on is taken for the whole.
    case readsHalfTheList

    // Time.
    /// What the wall clock says is the time.
    case trustsWallClock
    /// A start begins with the wall clock, whatever is stored.
    case forgetsStoredTime
    /// What waits is due when the clock follows a step.
    case firesByStep
    /// A step that was refused before it was followed is taken back.
    case takesBackUnfollowed

    // What is kept.
    /// An erasure leaves the data key in its row.
    case keepsErasedKeys
    /// What is erased goes on waiting.
    case sendsErased
    /// What is too old goes although it is still to be sent.
    case dropsWhatWaits

    // What gets out.
    case showsAddresses
    case keepsCardNumbers
    case trustsEveryCertificate
    case followsRedirects
    case takesLineBreaks

    #if PLANTED
        public var isActive: Bool { self == Self.chosen }
        private static let chosen = getenv("CLARION_PLANTED_BUG").flatMap { PlantedBug(rawValue: String(cString: $0)) }
    #else
        @inlinable public var isActive: Bool { false }
    #endif
}
