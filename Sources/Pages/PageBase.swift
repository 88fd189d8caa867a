/// What all pages of ours look like: light and dark, from 320 px up, no picture and no font from elsewhere. Each page's `/style.css`
/// begins with it.
package enum PageBase {
    package static let style = """
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

        """
}
