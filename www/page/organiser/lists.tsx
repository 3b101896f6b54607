// What the form folds away, and its lists of entries that one adds and removes.
import type { ComponentChildren } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { at, pathOf, put, replace, useDraft, type Path } from "./draft";
import { labelOf } from "./findings";

/**
 * A group of fields, which is open from the start if a stored code has one of them. Its first line says in words what
 * is set in it.
 */
export function Group({
  title,
  fields,
  said,
  warned,
  children,
}: {
  title: string;
  fields: readonly string[];
  /** What is set in it, in words. */
  said: string;
  /** What the engine warns of in it. */
  warned?: ComponentChildren;
  children: ComponentChildren;
}) {
  const { promo, isWrong } = useDraft();
  const [open] = useState(() => fields.some((field) => promo[field] != null));
  return (
    <details class="panel group" open={open}>
      <summary>
        <h2>{title}</h2>
        <span class={`hint ${isWrong(fields) ? "bad" : ""}`}>{isWrong(fields) ? "A field is wrong." : said}</span>
        {warned}
      </summary>
      {children}
    </details>
  );
}

/** The entries of a list, each with a button that removes it, and a button that adds one. */
export function Entries({
  path,
  legend,
  hint,
  one,
  add,
  fresh,
  children,
}: {
  path: Path;
  /** If it is not the label of the promotion's field. */
  legend?: string;
  hint?: string | undefined;
  /** What an entry is called, such as “Condition”: its number follows. */
  one: string;
  add: string;
  fresh: () => unknown;
  children: (path: Path, index: number) => ComponentChildren;
}) {
  const draft = useDraft();
  const id = useId();
  const place = useRef<HTMLFieldSetElement>(null);
  const list = (at(draft.promo, path) as unknown[] | null | undefined) ?? [];
  const fault = draft.wrong(path);
  /** After the page has changed, the focus goes to the first field of the new entry, or back to the button. */
  const focus = (selector: string) => setTimeout(() => place.current?.querySelector<HTMLElement>(selector)?.focus());
  return (
    <fieldset ref={place} class="entries" name={pathOf(path)} aria-describedby={(fault ?? hint) ? id : undefined}>
      <legend>{legend ?? labelOf(pathOf(path))}</legend>
      {(fault ?? hint) && (
        <p id={id} class={`hint ${fault ? "bad" : ""}`} data-wrong={fault ? pathOf(path) : undefined}>
          {fault ?? hint}
        </p>
      )}
      {list.map((_, index) => {
        const entry = [...path, index];
        const wrong = draft.wrong(entry);
        return (
          <fieldset key={index} class="entry" name={pathOf(entry)}>
            <legend>
              {one} {index + 1}
            </legend>
            {children(entry, index)}
            {wrong && (
              <p class="hint bad" data-wrong={pathOf(entry)}>
                {wrong}
              </p>
            )}
            <button
              type="button"
              class="plain small"
              aria-label={`Remove ${one.toLowerCase()} ${index + 1}`}
              onClick={() => {
                draft.change((typed) => replace(path, at(put(typed.promo, entry, undefined), path))(typed));
                focus(":scope > button.add");
              }}
            >
              Remove
            </button>
          </fieldset>
        );
      })}
      <button
        type="button"
        class="plain small add"
        onClick={() => {
          draft.set([...path, list.length], fresh());
          focus(":scope > .entry:last-of-type :is(input, select)");
        }}
      >
        {add}
      </button>
    </fieldset>
  );
}
