@testable import App
import Core
import Testing

@Suite("pages that only the start needed")
struct StartPagesTests {
    private static let maps = """
        55f000000000-55f000400000 r-xp 00000000 08:01 11 /usr/bin/clarion
        Size:               4096 kB
        Rss:                3000 kB
        Anonymous:             0 kB
        VmFlags: rd ex mr mw me
        55f000400000-55f000500000 r--p 00400000 08:01 11 /usr/bin/clarion
        Anonymous:           512 kB
        55f000500000-55f000600000 rw-p 00500000 08:01 11 /usr/bin/clarion
        Anonymous:             0 kB
        55f000600000-55f000700000 rw-p 00000000 00:00 0 [heap]
        Anonymous:             0 kB
        7f0000000000-7f0000001000 r--p 00000000 08:01 12 /usr/lib/with a space.so
        Anonymous:             0 kB
        7f0000001000-7f0000002000 r--s 00000000 08:01 13 /var/lib/clarion/clarion.db
        Anonymous:             0 kB
        7f0000002000-7f0000003000 r--p 00000000 00:00 0
        Anonymous:             0 kB
        7ffd00000000-7ffd00002000 r-xp 00000000 00:00 0 [vdso]
        Anonymous:             0 kB
        """

    @Test("only what is read from a file and was never changed")
    func choice() {
        #expect(StartPages.unchanged(in: Self.maps) == [0x55f0_0000_0000..<0x55f0_0040_0000, 0x7f00_0000_0000..<0x7f00_0000_1000])
        #expect(StartPages.unchanged(in: "") == [] && StartPages.unchanged(in: "b-a r-xp 0 0 0 /x\nAnonymous: 0 kB") == [])
    }

    @Test("the program goes on with them gone")
    func goesOn() throws {
        let text = #"{"a":[1,2,{"b":"款"}]}"#
        #expect(StartPages.release() > 1 << 20)
        #expect(try JSON(parsing: text).text == text)
        #expect(StartPages.release() > 1 << 20)
    }
}
