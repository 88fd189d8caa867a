import Core
import Store

/// The dedupe mark behind a delivery: reserved when planned, committed when a provider accepted, released when it definitely did not go out.
enum Marks {
    static func set(_ status: DedupeMark.Status, for delivery: Delivery, _ writer: any StoreWriter) throws {
        try writer.setMarks(status, ofNotice: delivery.notice, channel: delivery.channel)
    }
}
