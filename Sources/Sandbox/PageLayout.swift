import Core
import Pages

extension Page {
    func whole(_ request: Incoming) async -> String {
        """
        <!doctype html>
        <html lang="en"><head><meta charset="utf-8"><title>Clarion sandbox</title>
        <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
        <link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"><script src="/app.js" defer></script>
        <noscript><meta http-equiv="refresh" content="10"></noscript></head>
        <body><a class="skip" href="#wall">To the messages</a>
        <header class="top"><div><h1>Clarion <span>sandbox</span></h1>
        <p>What every phone and mailbox really got. Nothing leaves this machine.</p></div>
        <div class="live"><p id="state" role="status">Not live: reload to see what is new</p> <span id="age"></span>
        <button id="pause" type="button" hidden>Pause</button> <a class="button" id="refresh" href="/">Refresh</a>\(inboxLink)</div></header>
        <main><section aria-labelledby="h-wall"><h2 id="h-wall">Phones and mailboxes</h2>
        <p id="news" role="status" class="hidden"></p>
        \(await wall(request))</section>
        <aside id="switches" aria-labelledby="h-switches"><h2 id="h-switches">Providers</h2>
        <p class="hint">Break one, and watch Clarion route around it.</p>
        \(switchBoard())</aside></main>
        <footer class="end"><p>Times are UTC. <a href="/_ledger">What was truly accepted, as JSON</a></p></footer>
        </body></html>
        """
    }

    private var inboxLink: String {
        options.inboxURL.map { " <a class=\"button\" href=\"\(escaped($0))\">Inbox</a>" } ?? ""
    }
}
