// The queue in which calls wait for others that they go together with.

/** What has waited for so many milliseconds goes beside the group under way: a slow `write` holds nobody up. */
const PATIENCE = 8;

// Taken here, because a host's tests may replace the timers by their own.
const { clearTimeout, setTimeout } = globalThis;
const nextTurn = globalThis.setImmediate ?? queueMicrotask;

/**
 * Returns the function that adds a call to the next group, and answers what the call is resolved with. `start(calls)`
 * does the work of a group. `room()` makes a function that says of each call in turn whether it goes with the others.
 * `isAlone()` says whether no other call is to be expected in this turn: then the call need not wait for its end.
 */
export function groups(start, { room, isFull, isAlone = () => false }) {
  let waiting = [];
  let underWay = 0;
  let leaving = false;
  let timer;

  function leave() {
    leaving = false;
    clearTimeout(timer);
    timer = undefined;
    for (let group = next(); group.length > 0; group = next()) {
      underWay += 1;
      start(group).finally(() => {
        underWay -= 1;
        if (underWay === 0 && waiting.length > 0) soon();
      });
    }
    patiently();
  }
  function next() {
    const fits = room();
    const group = [];
    waiting = waiting.filter((call) => {
      if (!fits(call)) return true;
      group.push(call);
      return false;
    });
    return group;
  }
  function soon() {
    if (leaving) return;
    leaving = true;
    nextTurn(leave);
  }
  function patiently() {
    if (waiting.length > 0) timer ??= setTimeout(leave, PATIENCE);
  }

  return (call) =>
    new Promise((resolve, reject) => {
      waiting.push({ ...call, resolve, reject });
      if (underWay === 0 && waiting.length === 1 && isAlone()) leave();
      else if (underWay === 0 || isFull(call, waiting.length)) soon();
      else patiently();
    });
}
