public typealias EventSeq = Int64
public typealias EpisodeID = Int64
public typealias NoticeID = Int64
public typealias DeliveryID = Int64
public typealias AttemptID = Int64
