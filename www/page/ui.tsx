// What the views share: the address, loading with a button to try again, and small components.
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Failure } from "./api";
import { number } from "./format";

let hasMoved = false;

/** A view's heading. When the address changes, the heading takes the focus: a screen reader starts reading here. */
export function Heading({ children, class: look }: { children: ComponentChildren; class?: string }) {
  const place = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (hasMoved) place.current?.focus();
  }, []);
  return (
    <h1 ref={place} tabIndex={-1} class={look}>
      {children}
    </h1>
  );
}

/** A part of the address, decoded. A part that cannot be decoded stays as it is, and no view is found for it. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The parts of the address after `#/`. */
export function useRoute(): string[] {
  const read = () =>
    location.hash
      .replace(/^#?\/?/, "")
      .split("/")
      .map(decoded);
  const [route, set] = useState(read);
  useEffect(() => {
    const changed = () => {
      hasMoved = true;
      set(read());
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return route;
}

/**
 * Loads at first, and again whenever `depends` changes. An older answer never replaces a newer one; if a reload fails,
 * the earlier value stays.
 */
export function useLoaded<T>(
  load: () => Promise<T>,
  depends: readonly unknown[],
): [T | null, Failure | null, () => void] {
  const [value, setValue] = useState<T | null>(null);
  const [problem, setProblem] = useState<Failure | null>(null);
  const asked = useRef(0);
  const again = useCallback(() => {
    const mine = ++asked.current;
    load().then(
      (found) => {
        if (mine === asked.current) {
          setValue(() => found);
          setProblem(null);
        }
      },
      (error: unknown) => {
        if (mine === asked.current) setProblem(Failure.of(error));
      },
    );
  }, depends);
  useEffect(() => {
    again();
    return () => {
      asked.current++;
    };
  }, [again]);
  return [value, problem, again];
}

/** A value kept in this browser, so that a reload loses nothing. */
export function useKept<T>(name: string, initial: T): [T, (value: T | ((was: T) => T)) => void] {
  const [value, setValue] = useState<T>(() => kept(name, initial));
  useEffect(() => keep(name, value), [name, value]);
  return [value, setValue];
}
export function kept<T>(name: string, initial: T): T {
  try {
    return (JSON.parse(localStorage.getItem(name) ?? "null") as T | null) ?? initial;
  } catch {
    return initial;
  }
}
export function keep(name: string, value: unknown): void {
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // If the browser stores nothing, the buyer can still buy.
  }
}

/** After these failures nobody knows whether the shop acted: the page asks again with the same id. */
export const UNSURE = ["unreachable", "busy", "internal"];

/** Calls `act` with an id that is kept until there is an answer, so that a repeated request is carried out once. */
export async function once<T>(
  name: string,
  make: () => string | Promise<string>,
  act: (id: string) => Promise<T>,
): Promise<T> {
  const id = kept<string | null>(name, null) ?? (await make());
  keep(name, id);
  try {
    const answer = await act(id);
    keep(name, null);
    return answer;
  } catch (error) {
    if (!UNSURE.includes(Failure.of(error).code)) keep(name, null);
    throw error;
  }
}

/** The value, once it has stayed the same for `ms` milliseconds. */
export function useSettled<T extends string | null>(value: T, ms: number): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(() => value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return settled;
}

/** Calls `again` every `ms` milliseconds while the page is visible. */
export function useEvery(ms: number, again: () => void): void {
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) again();
    }, ms);
    return () => clearInterval(timer);
  }, [ms, again]);
}

/** Runs one action at a time. `problem` is what went wrong in the last one. */
export function useAction(): { busy: boolean; problem: Failure | null; run: (action: () => Promise<void>) => void } {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Failure | null>(null);
  const running = useRef(false);
  const run = (action: () => Promise<void>) => {
    if (running.current) return;
    running.current = true;
    setBusy(true);
    setProblem(null);
    action()
      .catch((error: unknown) => setProblem(Failure.of(error)))
      .finally(() => {
        running.current = false;
        setBusy(false);
      });
  };
  return { busy, problem, run };
}

export function Problem({ of, again }: { of: Failure; again?: () => void }) {
  return (
    <div class="note bad" role="alert">
      <p>{of.said}</p>
      {again && of.code !== "not_found" && (
        <button type="button" class="plain" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

export function Panel({
  title,
  hint,
  children,
  class: name = "",
}: {
  title: string;
  hint?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}) {
  const id = useId();
  return (
    <section class={`panel ${name}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {hint && <p class="hint">{hint}</p>}
      {children}
    </section>
  );
}

export const plural = (count: number, one: string, many = `${one}s`) => `${number(count)} ${count === 1 ? one : many}`;
