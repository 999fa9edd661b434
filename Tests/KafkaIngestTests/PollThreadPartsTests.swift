// The poll thread's small pure parts: mailbox, positioner, hinter, log limiter.
import KafkaIngest
import Posts
import StreamCore
import Testing

private let one = TopicPartition(topic: "posts", partition: 0)
private let two = TopicPartition(topic: "posts", partition: 1)
private let start = ContinuousClock.now

@Suite struct CommandMailboxTests {
    @Test func isEmptyUntilSomethingIsSentAndAfterItIsTaken() {
        let mailbox = CommandMailbox()
        #expect(mailbox.take() == nil)
        mailbox.put(.close)
        #expect(mailbox.take()?.mustClose == true)
        #expect(mailbox.take() == nil)
        mailbox.flowEased()
        #expect(mailbox.take()?.mustClose == false)
    }

    @Test func aNewerCommandReplacesAnOlderOne() {
        let mailbox = CommandMailbox()
        for offset in 0..<1_000 {
            mailbox.put(.startFetching(one, offset: Int64(offset), FetchTag(number: UInt64(offset))))
        }
        mailbox.put(.startFetching(two, offset: 1, FetchTag(number: 1)))
        mailbox.put(.stopFetching(two))
        let contents = mailbox.take()
        #expect(contents?.fetches == [one: .start(offset: 999, FetchTag(number: 999)), two: .stop])
    }

    @Test func aReleaseVoidsWhatCameBeforeItAndNotWhatCameAfter() {
        let mailbox = CommandMailbox()
        mailbox.put(.startFetching(one, offset: 1, FetchTag(number: 1)))
        mailbox.put(.startFetching(two, offset: 1, FetchTag(number: 2)))
        mailbox.put(.release([one, two]))
        mailbox.put(.startFetching(two, offset: 5, FetchTag(number: 3)))
        let contents = mailbox.take()
        #expect(contents?.released == [one, two])
        #expect(contents?.fetches == [two: .start(offset: 5, FetchTag(number: 3))])
    }

    @Test func keepsTheLatestHintEvenWhereItGoesBack() {
        let mailbox = CommandMailbox()
        mailbox.put(.hint([one: 9, two: 1]))
        mailbox.put(.hint([one: 4]))
        #expect(mailbox.take()?.hints == [one: 4, two: 1])
    }
}

@Suite struct FetchPositionerTests {
    @Test func triesAtOnceThenLessOftenThenAsksForARestart() {
        var positioner = FetchPositioner()
        positioner.add(one, offset: 5, now: start)
        var now = start
        var tries = 0
        var longest = Duration.zero
        while let due = positioner.due(now: now).first, !due.task.needsRestart {
            #expect(due.task.offset == 5)
            tries += 1
            positioner.failed(one, now: now)
            let next = positioner.tasks[one]?.nextTry ?? now
            #expect(next > now)
            #expect(positioner.due(now: now).isEmpty)
            longest = max(longest, next - now)
            now = next
        }
        #expect(tries == FetchPositioner.seekAttempts)
        #expect(longest == FetchPositioner.longestPause)
        positioner.markAlive(one)
        #expect(positioner.tasks[one]?.needsRestart == false)
    }

    @Test func remembersADeadFetcherUntilItIsAssignedAnew() {
        var positioner = FetchPositioner()
        positioner.markDead(one)
        positioner.add(one, offset: 1, now: start)
        positioner.add(two, offset: 1, now: start)
        #expect(positioner.tasks[one]?.needsRestart == true)
        #expect(positioner.tasks[two]?.needsRestart == false)
        positioner.remove(one)
        positioner.add(one, offset: 2, now: start)
        #expect(positioner.tasks[one]?.needsRestart == true)
        positioner.markAlive(one)
        #expect(positioner.tasks[one]?.needsRestart == false)
    }
}

@Suite struct CommitHinterTests {
    @Test func sendsOneCommitAtATimeAndOnlyWhatIsAssigned() {
        var hinter = CommitHinter()
        hinter.add([one: 5, two: 7])
        #expect(hinter.next { $0 == one } == [one: 5])
        hinter.add([one: 6])
        #expect(hinter.next { _ in true } == nil)
        hinter.finished(.none)
        #expect(hinter.next { _ in true } == [one: 6])
        hinter.finished(.none)
        #expect(hinter.next { _ in true } == nil)
    }

    @Test func triesAgainWithTheNextUnlessAnotherOwnsIt() {
        var hinter = CommitHinter()
        hinter.add([one: 5, two: 7])
        _ = hinter.next { _ in true }
        hinter.add([one: 6])
        hinter.finished(.timedOut)
        #expect(hinter.next { _ in true } == [one: 6, two: 7])
        hinter.finished(.illegalGeneration)
        #expect(hinter.next { _ in true } == nil)
        hinter.add([one: 8])
        _ = hinter.next { _ in true }
        hinter.finished(.unknownMember)
        #expect(hinter.next { _ in true } == nil)
    }
}

@Suite struct LogLimiterTests {
    @Test func holdsBackWhatIsTooMuchAndSaysHowMuch() {
        var limiter = LogLimiter(burst: 3, interval: .seconds(10))
        for _ in 0..<3 { #expect(limiter.admit(now: start) == (true, 0)) }
        for _ in 0..<50 { #expect(!limiter.admit(now: start + .seconds(9)).isAdmitted) }
        #expect(limiter.admit(now: start + .seconds(10)) == (true, 50))
        #expect(limiter.admit(now: start + .seconds(11)) == (true, 0))
    }
}
