import Core

/// Something that the world does at a moment. Each counts as a step.
enum Happening {
    /// A producer begins a story.
    case story
    /// A producer sends an event, for the first time or again.
    case event(Producing)
    case depart(Journey)
    case arrive(Journey)
    case answer(Journey)
    case receipt(Telling)
    /// An account's provider is well or ill from now on.
    case mood(String)
    /// A person does something.
    case person
    /// The disk is full, or has room again; and so again later.
    case disk(again: Bool)
    /// The machine stands still: when it goes on, it is later.
    case pause
    /// Somebody sets the wall clock, or it begins to go wrong; and so again later.
    case wall(again: Bool)
    /// A new process begins.
    case start

    var word: String {
        switch self {
        case .story: "story"
        case .event: "event"
        case .depart: "depart"
        case .arrive: "arrive"
        case .answer: "answer"
        case .receipt: "receipt"
        case .mood: "mood"
        case .person: "person"
        case .disk: "disk"
        case .pause: "pause"
        case .wall: "wall"
        case .start: "start"
        }
    }
}

/// What a producer has to get rid of: it comes again until somebody has answered.
final class Producing {
    let id: String
    let bytes: [UInt8]
    /// It has the id of another event and says something else.
    let isConflict: Bool
    var tries = 0
    init(id: String, bytes: [UInt8], isConflict: Bool) { (self.id, self.bytes, self.isConflict) = (id, bytes, isConflict) }
}

/// What happens later, soonest first; at one moment in the order it was asked for.
struct Agenda {
    private struct Item {
        var at: Timestamp
        var number: Int
        var happening: Happening
        func comes(before other: Item) -> Bool { (at, number) < (other.at, other.number) }
    }
    private var heap: [Item] = []
    private var count = 0

    var first: Timestamp? { heap.first?.at }
    var isEmpty: Bool { heap.isEmpty }

    mutating func add(_ happening: Happening, at moment: Timestamp) {
        count += 1
        heap.append(Item(at: moment, number: count, happening: happening))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].comes(before: heap[parent]) else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    mutating func popFirst() -> Happening? {
        guard let first = heap.first else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first.happening }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].comes(before: heap[least]) {
                least = child
            }
            guard least != parent else { return first.happening }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
