/// `/style.css`, after what all pages share.
enum PageStyle {
    static let text = """
        :root { --lock: #2b2f77; --lock-2: #4a3f8f; --tint: #d3d9e6; --warn: #7a4b00; --warn-ground: #fff4dc; }
        @media (prefers-color-scheme: dark) { :root { --lock: #1d2150; --lock-2: #352c6a; --tint: #414858; --warn: #f3c572;
          --warn-ground: #33270f; } }
        [hidden] { display: none !important; }
        code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .92em; overflow-wrap: anywhere; }
        .switchboard { padding: .9rem clamp(.75rem, 3vw, 2rem) 0; max-inline-size: 90rem; margin-inline: auto; }
        nav { display: flex; flex-wrap: wrap; gap: .4rem; margin-block-end: .8rem; }
        nav a { padding: .3rem .9rem; min-block-size: 2.1rem; border-radius: 2rem; text-decoration: none; color: var(--dim); font-weight: 550;
          font-size: .92rem; border: 1px solid transparent; }
        nav a:hover { color: var(--accent); text-decoration: underline; }
        nav a[aria-current] { background: var(--card); color: var(--ink); border-color: var(--line); box-shadow: var(--shadow); }
        form#switches { display: flex; flex-wrap: wrap; gap: .7rem; align-items: end; }
        .fields { display: grid; gap: .6rem .8rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 8rem), 1fr)); flex: 1 1 17rem; }
        .fields label { display: grid; gap: .15rem; font-size: .8rem; color: var(--dim); font-weight: 550; min-inline-size: 0; }
        .fields select { inline-size: 100%; min-inline-size: 0; font-weight: 400; text-overflow: ellipsis; border-color: var(--line);
          box-shadow: inset 0 0 0 .5px var(--dim); }
        main { display: block; padding: 1.1rem clamp(.75rem, 3vw, 2rem) 1.5rem; max-inline-size: 90rem; margin-inline: auto; }
        #shown:focus { outline: 0; }
        .title { display: flex; flex-wrap: wrap; gap: .4rem .8rem; align-items: baseline; margin-block-end: .9rem; }
        .title h2 { font-size: 1.3rem; line-height: 1.3; margin: 0; letter-spacing: -.01em; overflow-wrap: anywhere; }
        .title h2 small { font-size: .88rem; letter-spacing: 0; margin-inline-start: .3rem; }
        .mark { display: inline-block; font-size: .84rem; padding: .15rem .6rem; border-radius: .6rem; background: var(--bubble);
          color: var(--ink); overflow-wrap: anywhere; }
        .mark.warn { background: var(--warn-ground); color: var(--warn); } .mark.bad { background: var(--bad-ground); color: var(--bad); }
        .cards { display: grid; gap: 1.1rem; grid-template-columns: minmax(0, 1fr); align-items: start; }
        @media (min-width: 42rem) { .cards { grid-template: "sms push" auto "in-app push" 1fr "mail mail" auto / minmax(0, 1fr) minmax(0, 1fr); }
        #sms { grid-area: sms; } #push { grid-area: push; } #in-app { grid-area: in-app; } #mail { grid-area: mail; } }
        @media (min-width: 66rem) { .cards { grid-template: "sms push in-app" auto "mail mail mail" auto / minmax(0, 1fr) minmax(0, 1fr)
          minmax(0, 1fr); } }
        article { background: var(--card); border: 1px solid var(--line); border-radius: 1.1rem; box-shadow: var(--shadow);
          overflow: hidden; min-inline-size: 0; }
        article > header { display: flex; flex-wrap: wrap; gap: 0 .8rem; justify-content: space-between; align-items: baseline;
          padding: .8rem 1rem .5rem; }
        .facts { color: var(--dim); font-size: .8rem; font-weight: 400; font-variant-numeric: tabular-nums; }
        article .body { padding: .1rem 1rem 1rem; display: grid; gap: .7rem; grid-template-columns: minmax(0, 1fr); justify-items: stretch; }
        article h4 { padding: 0; } article .mark { justify-self: start; }
        .device { background: var(--shell); border-radius: 1.9rem; padding: .5rem; inline-size: 100%; max-inline-size: 23rem;
          margin-inline: auto; }
        .screen { background: var(--screen); border-radius: 1.45rem; padding: .8rem .7rem 1.4rem; min-block-size: 17rem; }
        .sender { font-size: .8rem; color: var(--dim); overflow-wrap: anywhere; }
        #sms .sender { display: grid; justify-items: center; gap: .25rem; padding-block-end: .8rem; }
        .face { display: grid; place-items: center; inline-size: 2.4rem; block-size: 2.4rem; border-radius: 50%; background: var(--accent);
          color: var(--accent-ink); font-weight: 650; font-size: 1rem; flex: none; }
        .bubble { background: var(--bubble); border-radius: 1.1rem; border-end-start-radius: .3rem; padding: .55rem .8rem; font-size: .95rem;
          white-space: pre-wrap; overflow-wrap: anywhere; inline-size: fit-content; max-inline-size: 100%; }
        .bubble span:nth-child(even) { background: var(--tint); border-radius: .2rem; }
        mark { background: var(--warn-ground); color: var(--warn); outline: 2px solid var(--warn); border-radius: .15rem; }
        .cuts { font-size: .84rem; color: var(--dim); } .cuts summary { cursor: pointer; min-block-size: 1.6rem; }
        .cuts ol { display: grid; gap: .35rem; } .piece { color: var(--ink); overflow-wrap: anywhere; white-space: pre-wrap;
          background: var(--bubble); border-radius: .4rem; padding: .2rem .5rem; }
        .cuts li:nth-child(even) .piece { background: var(--tint); }
        .screen.lock { background: linear-gradient(160deg, var(--lock-2), var(--lock)); background-color: var(--lock); color: #fff;
          display: grid; align-content: start; gap: .4rem; }
        .clock { font-size: 3.1rem; line-height: 1.15; font-weight: 300; text-align: center; padding-block: .9rem 1.4rem;
          font-variant-numeric: tabular-nums; letter-spacing: -.02em; }
        .push { display: flex; gap: .6rem; background: var(--card); color: var(--ink); border-radius: 1rem; padding: .6rem .7rem;
          font-size: .92rem; }
        article h4 + .push { background: var(--screen); border: 1px solid var(--line); }
        .push .face { inline-size: 2.2rem; block-size: 2.2rem; border-radius: .55rem; }
        .push > div { flex: 1; min-inline-size: 0; overflow-wrap: anywhere; line-height: 1.4; } .push b { display: block; }
        .from { color: var(--dim); font-size: .76rem; display: flex; gap: .5rem; justify-content: space-between; }
        .screen.inbox { padding-inline: 0; } .bar { text-align: center; font-weight: 600; font-size: .92rem; padding: .1rem 0 .7rem;
          border-block-end: 1px solid var(--line); }
        .item { background: var(--card); padding: .7rem .9rem; border-block-end: 1px solid var(--line);
          border-inline-start: 4px solid var(--accent); font-size: .93rem; overflow-wrap: anywhere; } .item b { display: block; }
        .looks { display: flex; flex-wrap: wrap; gap: .3rem .9rem; font-size: .88rem; }
        .looks label { display: inline-flex; gap: .4rem; align-items: center; min-block-size: 1.75rem; cursor: pointer; }
        .looks input { inline-size: 1.1rem; block-size: 1.1rem; min-block-size: 0; margin: 0; accent-color: var(--accent); }
        .looks label:nth-child(3) { margin-inline-start: auto; }
        .row { display: flex; gap: .7rem; align-items: center; padding: .6rem .9rem; border: 1px solid var(--line); border-radius: .8rem; }
        .row > div { min-inline-size: 0; flex: 1; } .row p:not(.sender) { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
        .preheader { font-size: .85rem; color: var(--dim); }
        .mail { border: 1px solid var(--line); border-radius: .8rem; overflow: hidden; }
        .envelope { display: flex; gap: .7rem; align-items: center; padding: .7rem .9rem; border-block-end: 1px solid var(--line); }
        .envelope > div { min-inline-size: 0; flex: 1; } .subject { font-weight: 650; overflow-wrap: anywhere; line-height: 1.35; }
        iframe { display: block; inline-size: 100%; block-size: 50rem; border: 0; background: #fff; resize: vertical; }
        iframe.narrow, .plain.narrow { inline-size: min(100%, 320px); margin-inline: auto; border-inline: 1px solid var(--line); }
        .plain { padding: 1rem 1.1rem; white-space: pre-wrap; overflow-wrap: anywhere; font-size: .93rem; max-inline-size: 46rem;
          background: #fff; color: #1b1f24; max-inline-size: none; } .plain.dark { background: #202329; color: #eceef1; }
        .stale .cards, .stale .languages { outline: 2px dashed var(--bad); outline-offset: .4rem; border-radius: 1rem; }
        .findings { border: 1px solid currentColor; border-radius: 1rem; padding: .8rem 1rem; margin-block-end: 1.1rem; }
        .findings > p, .findings li { color: var(--ink); }
        .findings.bad { background: var(--bad-ground); color: var(--bad); } .findings.warn { background: var(--warn-ground); color: var(--warn); }
        .findings ol { display: grid; gap: .7rem; margin-block-start: .5rem; } .findings li p { overflow-wrap: anywhere; }
        .place { font-weight: 650; } .hint { color: var(--dim); }
        .line { background: var(--card); border-radius: .5rem; padding: .2rem .6rem .7rem; margin-block-start: .3rem; line-height: 2.1;
          font-size: .88rem; white-space: pre-wrap; }
        .line mark { position: relative; outline: 0; background: var(--bad-ground); color: var(--bad); }
        .line mark::after { content: "^"; position: absolute; inset-inline-start: 0; inset-block-start: .95em; font-weight: 700; }
        .languages { display: grid; gap: .8rem; }
        .languages > li { background: var(--card); border: 1px solid var(--line); border-radius: 1rem; box-shadow: var(--shadow);
          padding: .8rem 1rem 1rem; display: grid; gap: .8rem 1.2rem; grid-template-columns: minmax(0, 1fr); }
        .languages h4 { padding: 0 0 .3rem; color: var(--ink); } .languages h3 a { display: inline-block; min-block-size: 1.6rem; }
        .languages .push { border: 1px solid var(--line); }
        @media (min-width: 58rem) { .languages > li { grid-template-columns: 11rem minmax(0, 1fr) minmax(0, 1fr); } }
        .empty { background: var(--card); border: 1px dashed var(--dim); border-radius: 1rem; padding: 2rem 1.25rem; text-align: center;
          color: var(--dim); }
        .end { padding: 0 clamp(.75rem, 3vw, 2rem) 2rem; color: var(--dim); font-size: .85rem; max-inline-size: 90rem; margin-inline: auto; }
        .refusal main { max-inline-size: 40rem; padding-block: 4rem; display: grid; gap: .8rem; justify-items: start; }
        @media (prefers-reduced-motion: no-preference) { #state::before { transition: color .2s; } }
        @media (forced-colors: active) { .device, .bubble, .face, .push, .mark, #state, nav a[aria-current] { border: 1px solid; } }

        """
}
