// Asks for what the view begins with before the page's own scripts are read: server and browser then work at the same time.
// `src/server/ahead.ts` takes the answers. An external file, since the content policy allows no inline script.
{
  const answers = new Map();
  const ask = (url) => {
    const answer = fetch(url, { credentials: "same-origin" });
    answer.catch(() => {});
    answers.set(url, answer);
  };
  ask("/api/session");
  const id = /^\/c\/([^/]+)$/.exec(location.pathname)?.[1];
  if (id !== undefined) {
    ask(`/api/conversations/${id}/messages?limit=20`);
    ask(`/api/conversations/${id}`);
  }
  window.arrieroAhead = answers;
}
