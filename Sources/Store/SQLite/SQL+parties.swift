/// Every statement of the store, beside the file that runs it. Column lists stand in the order the row readers take them.
enum SQL {
    static let partyByID = Query("SELECT id, salt, box FROM customer_key WHERE id = ?")
    static let partyByLookup = Query("SELECT id, salt, box FROM customer_key WHERE lookup = ?")
    static let insertParty = Query("INSERT INTO customer_key (salt, lookup, box) VALUES (?, ?, ?)")
}
