/// Every statement of the store, beside the file that runs it. Column lists stand in the order the row readers take them.
enum SQL {
    private static let partyColumns: StaticString = "SELECT id, salt, box, master FROM customer_key "
    static let partyByID = Query(partyColumns, "WHERE id = ?")
    static let partyByLookup = Query(partyColumns, "WHERE lookup = ?")
    static let insertParty = Query("INSERT INTO customer_key (salt, lookup, box, master) VALUES (?, ?, ?, ?)")
}
