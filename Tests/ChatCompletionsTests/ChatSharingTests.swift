internal import ChatCompletions
internal import Foundation
internal import ServerTesting
internal import Testing

/// Many streams, one server.
@Suite struct ChatSharingTests {
    private typealias Reply = ScriptedServer.Reply

    @Test func neverMoreAtOnceThanAllowed() async throws {
        let gate = ScriptedServer.Gate()
        try await withChat({ _ in Reply(steps: [.wait(gate)] + Reply.answer("A van.").steps) }) { server in
            server.budget.concurrency = 3
        } _: { client, scripted in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for stream in 0..<12 { group.addTask { _ = try await client.answer(1, stream: "\(stream)") } }
                try await eventually { scripted.completions.count == 3 }
                gate.open()
                try await group.waitForAll()
            }
            #expect(scripted.completions.count == 12 && scripted.mostAtOnce == 3)
        }
    }

    /// The newest request of a stream is sent, with pictures that are made when its turn has come.
    @Test func whatWaitsIsReplacedByTheNewest() async throws {
        let gate = ScriptedServer.Gate()
        try await withChat({
            $0.index == 0 ? Reply(steps: [.wait(gate)] + Reply.answer("first").steps) : .answer("A van.")
        }) { server in
            server.budget.concurrency = 1
        } _: { client, scripted in
            let first = Task { try await client.answer(1).result.text }
            try await eventually { scripted.completions.count == 1 }
            let made = Counter()
            let stale = Task {
                try await client.complete(stream: "yard") {
                    _ = made.next()
                    return moment(2)
                }
            }
            try await Task.sleep(for: .milliseconds(50))
            let newest = Task { try await client.answer(3).result.pictures }
            let failure = await #expect(throws: ChatFailure.self) { try await stale.value }
            #expect(failure?.kind == .superseded && made.value == 0)
            gate.open()
            #expect(try await first.value == "first")
            #expect(try await newest.value == 3)
        }
    }

    /// A stream whose server hangs does not hold up a stream of another server.
    @Test func aHangingServerHoldsUpNobodyElse() async throws {
        try await withChat({ _ in Reply(steps: [.hold]) }) { hanging, _ in
            let waiting = Task { try await hanging.answer() }
            try await withChat({ _ in .answer("A van.") }) { client, _ in
                for _ in 0..<20 {
                    let text = try await client.answer().result.text
                    #expect(text == "A van.")
                }
            }
            waiting.cancel()
            _ = await waiting.result
        }
    }

    /// Of a server that can do two at once, one that hangs takes one place only.
    @Test func aHangingAnswerTakesOnePlace() async throws {
        try await withChat({ $0.text.contains("hang") ? Reply(steps: [.hold]) : .answer("A van.") }) { client, _ in
            let hanging = Task {
                try await client.complete(stream: "hanging") { ChatRequest(system: "s", parts: [.text("hang")]) }
            }
            for stream in 0..<20 {
                let text = try await client.answer(1, stream: "\(stream % 4)").result.text
                #expect(text == "A van.")
            }
            hanging.cancel()
            await #expect(throws: CancellationError.self) { try await hanging.value }
        }
    }

    @Test func whoGoesWhileWaitingLeavesTheLine() async throws {
        let gate = ScriptedServer.Gate()
        try await withChat({
            $0.index == 0 ? Reply(steps: [.wait(gate)] + Reply.answer("first").steps) : .answer("A van.")
        }) { server in
            server.budget.concurrency = 1
        } _: { client, scripted in
            let first = Task { try await client.answer(1, stream: "a") }
            try await eventually { scripted.completions.count == 1 }
            let gone = Task { try await client.answer(1, stream: "b") }
            try await Task.sleep(for: .milliseconds(50))
            gone.cancel()
            await #expect(throws: CancellationError.self) { try await gone.value }
            gate.open()
            _ = try await first.value
            _ = try await client.answer(1, stream: "b")
            #expect(scripted.completions.count == 2)
        }
    }

    @Test func theBudgetIsKept() async throws {
        try await withChat({ _ in .answer("A van.") }) {
            $0.budget = ChatBudget(concurrency: 4, callsPerMinute: 5)
        } _: { client, scripted in
            for stream in 0..<5 { _ = try await client.answer(1, stream: "\(stream)") }
            let sixth = Task { try await client.answer(1, stream: "sixth") }
            try await Task.sleep(for: .milliseconds(300))
            #expect(scripted.completions.count == 5)
            sixth.cancel()
            await #expect(throws: CancellationError.self) { try await sixth.value }
        }
    }
}
