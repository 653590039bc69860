// Puts what arrives at the top of the feed: as the server tells it, or else by asking now and then.
"use strict";
const feed = document.getElementById("feed");
const state = document.querySelector("[data-feed-state]");
const most = 200, pause = 5000;
let last = feed.dataset.last;

function show(html) {
  document.querySelector("[data-feed-empty]")?.remove();
  feed.insertAdjacentHTML("afterbegin", html);
  while (feed.children.length > most) feed.lastElementChild.remove();
}

function address(base) {
  const url = new URL(base, location);
  url.searchParams.set("after", last);
  return url;
}

async function ask() {
  const answer = await fetch(address(feed.dataset.rows)).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    last = answer.headers.get("X-Last");
    const html = await answer.text();
    if (html) show(html);
  }
  setTimeout(ask, pause);
}

function listen() {
  const stream = new EventSource(address(feed.dataset.stream));
  stream.onopen = () => { state.textContent = state.dataset.live; };
  stream.addEventListener("arrived", (event) => {
    last = event.lastEventId;
    show(event.data);
  });
  stream.onerror = () => {
    // Closed for good: too many watch, or something on the way does not let streams through.
    if (stream.readyState !== EventSource.CLOSED) return;
    state.textContent = state.dataset.asking;
    ask();
  };
}

if (!feed.dataset.off) listen();
