/// `/style.css`: light and dark, from 320 px up, no picture and no font from elsewhere.
enum PageStyle {
    static let text = """
        :root { color-scheme: light dark; --ground: #f3f4f7; --card: #fff; --ink: #16191f; --dim: #545b69; --line: #d9dde5;
          --accent: #2148c7;
          --accent-ink: #fff; --bubble: #e6e9f0; --good: #1a6b3a; --bad: #b3261e; --bad-ground: #fdeceb; --screen: #eef1f6;
          --shell: #22262f;
          --shadow: 0 1px 2px rgb(20 25 40 / .08), 0 6px 20px rgb(20 25 40 / .06); }
        @media (prefers-color-scheme: dark) { :root { --ground: #101216; --card: #1a1d24; --ink: #eceef2; --dim: #a6adbb; --line: #343945;
          --accent: #9db4ff; --accent-ink: #0c1533; --bubble: #2c313c; --good: #6fcf97; --bad: #ff9d95; --bad-ground: #3a1d1b;
          --screen: #12151b;
          --shell: #3a404d; --shadow: none; } }
        * { box-sizing: border-box; }
        html { scroll-padding: 1rem; }
        body { margin: 0; background: var(--ground); color: var(--ink);
          font: 1rem/1.5 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
        h1, h2, h3, h4, p, ol { margin: 0; padding: 0; }
        h1 { font-size: 1.35rem; line-height: 1.2; letter-spacing: -.01em; } h1 span { color: var(--accent); font-weight: 500; }
        h2 { font-size: 1.05rem; margin-block-end: .25rem; } h2 small, h3 small { color: var(--dim); font-weight: 400; font-size: .8rem; }
        h3 { font-size: 1rem; overflow-wrap: anywhere; }
        h4 { font-size: .8rem; color: var(--dim); font-weight: 600; padding: .6rem .9rem .1rem; }
        ol { list-style: none; }
        a { color: var(--accent); }
        .hidden, .skip:not(:focus) { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%);
          white-space: nowrap; }
        .skip { padding: .5rem 1rem; background: var(--card); }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        button, .button, select, input { font: inherit; font-size: .9rem; color: var(--ink); background: var(--card);
          border: 1px solid var(--dim);
          border-radius: .5rem; min-block-size: 2.1rem; padding: .2rem .8rem; }
        button, .button { cursor: pointer; display: inline-block; text-decoration: none; font-weight: 550; }
        button:hover, .button:hover { border-color: var(--accent); color: var(--accent); }
        button.go { background: var(--accent); border-color: var(--accent); color: var(--accent-ink); }
        button.go:hover { text-decoration: underline; color: var(--accent-ink); }
        button.small { font-size: .78rem; min-block-size: 1.75rem; padding: .05rem .6rem; border-color: var(--line); color: var(--dim);
          font-weight: 450; }
        .top { display: flex; flex-wrap: wrap; gap: .75rem 2rem; align-items: center; justify-content: space-between;
          padding: 1rem clamp(.75rem, 3vw, 2rem);
          background: var(--card); border-block-end: 1px solid var(--line); }
        .top p { color: var(--dim); font-size: .92rem; } .live { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; }
        #state { padding: .2rem .75rem; border-radius: 1rem; border: 1px solid var(--line); font-size: .85rem; }
        #state::before { content: "○ "; } #state[data-is=live] { color: var(--good); border-color: currentColor; }
        #state[data-is=live]::before { content: "● "; }
        #age { color: var(--dim); font-size: .85rem; } #state[data-is=lost] { color: var(--bad); }
        main { display: grid; gap: 1.5rem; padding: 1.25rem clamp(.75rem, 3vw, 2rem); max-inline-size: 100rem; margin-inline: auto;
          grid-template-columns: minmax(0, 1fr); }
        @media (min-width: 62rem) { main { grid-template-columns: minmax(0, 1fr) 18rem; }
        aside { position: sticky; inset-block-start: 1rem; align-self: start; } }
        #counts, .hint { color: var(--dim); font-size: .88rem; margin-block-end: .9rem; } #counts b { color: var(--ink); }
        .people { display: grid; gap: 1.1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr));
          align-items: start; grid-auto-flow: dense; margin-block-end: 1.5rem; }
        article { background: var(--card); border: 1px solid var(--line); border-radius: 1rem; box-shadow: var(--shadow);
          overflow: hidden; min-inline-size: 0; }
        article > header { padding: .75rem .9rem .55rem; }
        article > header p { color: var(--dim); font-size: .8rem; overflow-wrap: anywhere; }
        article > footer { padding: .5rem .9rem .7rem; display: flex; flex-wrap: wrap; gap: .4rem; font-size: .82rem; color: var(--bad); }
        .body { display: grid; grid-template-columns: minmax(0, 1fr); }
        @media (min-width: 50rem) { article.both { grid-column: span 2; }
        article.both .body { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
        .phone { align-self: start; margin: 0 .9rem .4rem; padding: .45rem; border-radius: 1.6rem; background: var(--shell); }
        .screen { background: var(--screen); border-radius: 1.2rem; padding: .7rem .6rem; max-block-size: 30rem; overflow-y: auto; }
        .screen li { margin-block-end: .7rem; } .screen li:last-child { margin-block-end: .1rem; }
        .from { color: var(--dim); font-size: .76rem; display: flex; gap: .5rem; justify-content: space-between; overflow-wrap: anywhere;
          }
        time { font-variant-numeric: tabular-nums; white-space: nowrap; }
        .meta { color: var(--dim); font-size: .7rem; }
        .bubble, .plain { white-space: pre-wrap; overflow-wrap: anywhere; }
        .bubble { background: var(--bubble); border-radius: 1rem; border-end-start-radius: .3rem; padding: .5rem .75rem;
          margin-block: .15rem; font-size: .94rem;
          inline-size: fit-content; max-inline-size: 100%; }
        .push { display: flex; gap: .6rem; background: var(--card); border: 1px solid var(--line); border-radius: .95rem;
          padding: .55rem .65rem; font-size: .92rem; }
        .push > div { flex: 1; min-inline-size: 0; overflow-wrap: anywhere; line-height: 1.4; } .push b { display: block; }
        .icon { flex: none; inline-size: 2rem; block-size: 2rem; border-radius: .5rem; background: var(--accent);
          color: var(--accent-ink); display: grid; place-items: center; font-weight: 700; }
        .earlier { color: var(--dim); font-size: .78rem; text-align: center; padding-block-end: .4rem; }
        .mail { border-block-start: 1px solid var(--line); } .mailbox h4 + .mail { border: 0; }
        summary { cursor: pointer; min-block-size: 1.75rem; }
        .mail > summary { padding: .5rem .9rem; list-style: none; } .mail > summary::-webkit-details-marker { display: none; }
        .mail > summary b { display: block; font-size: .92rem; line-height: 1.35; overflow-wrap: anywhere; }
        .mail:not([open]) > summary b { font-weight: 500; }
        .mail > summary b::before { content: "▸ "; color: var(--dim); } .mail[open] > summary b::before { content: "▾ "; }
        iframe { display: block; inline-size: 100%; block-size: 19rem; border: 0; border-block: 1px solid var(--line); background: #fff;
          resize: vertical; }
        .plain { padding: .5rem .9rem; font-size: .86rem; }
        .mail details { padding: .35rem .9rem; font-size: .82rem; color: var(--dim); }
        .mail details .plain { padding-inline: 0; color: var(--ink); }
        .inbox li { padding: .55rem .9rem; border-block-start: 1px solid var(--line); font-size: .92rem; overflow-wrap: anywhere; }
        .inbox b { font-weight: 500; }
        .inbox .unread { border-inline-start: 4px solid var(--accent); } .inbox .unread b { font-weight: 700; }
        .empty { background: var(--card); border: 1px dashed var(--dim); border-radius: 1rem; padding: 2.2rem 1.25rem;
          text-align: center; color: var(--dim); } .empty b { color: var(--ink); }
        .board { display: grid; gap: .7rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 15rem), 1fr)); align-items: start; }
        .switch { display: grid; grid-template-columns: 1fr auto; gap: .1rem .75rem; align-items: center; background: var(--card);
          border: 1px solid var(--line); border-radius: .8rem; padding: .6rem .8rem; }
        .switch.broken { border-color: var(--bad); background: var(--bad-ground); } .switch .quick { grid-row: 1 / 3; grid-column: 2; }
        .state { font-size: .82rem; color: var(--dim); } .state b { color: var(--good); } .broken .state b { color: var(--bad); }
        .switch details { grid-column: 1 / -1; font-size: .82rem; } .switch details > summary { color: var(--dim); }
        .fields { display: grid; grid-template-columns: auto 1fr; gap: .45rem .6rem; align-items: center; padding-block: .4rem .2rem; }
        .fields select { inline-size: 100%; min-inline-size: 0; } .fields input[type=number] { inline-size: 5.5rem; }
        .fields button { grid-column: 2; justify-self: start; }
        .unit { white-space: nowrap; color: var(--dim); }
        .end { padding: .5rem clamp(.75rem, 3vw, 2rem) 2rem; color: var(--dim); font-size: .85rem; max-inline-size: 100rem;
          margin-inline: auto; }
        @media (prefers-reduced-motion: no-preference) { article.new { animation: come .5s ease-out; }
        @keyframes come { from { border-color: var(--accent); box-shadow: 0 0 0 3px var(--accent); } } }
        @media (forced-colors: active) { .phone, .bubble, .icon, #state { border: 1px solid; } }

        """
}
