/// `/style.css`, after what all pages share.
enum PageStyle {
    static let text = """
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
