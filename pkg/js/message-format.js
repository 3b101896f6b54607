// The part of ICU MessageFormat that the catalogues use: `{name}` and `{name, plural, =0 {…} one {…} other {…}}`.
// No maintained library exists in both languages of this project; redeemable._message_format is this file in Python.

/** The message as a list of texts, arguments and plurals. Throws an Error that says what is wrong with the message. */
export function parse(text) {
  let at = 0;
  const parts = message(false);
  if (at < text.length) throw expected("no }");
  return parts;

  function message(plural) {
    const parts = [""];
    const add = (part) => parts.push(part, "");
    for (; at < text.length && text[at] !== "}"; at++) {
      if (text[at] === "{") add(argument());
      else if (text[at] === "#" && plural) add({ number: true });
      else parts[parts.length - 1] += text[at] === "'" ? quoted(plural) : text[at];
    }
    return parts.filter((part) => part !== "");
  }

  /** Reads from an apostrophe to the end of what it quotes: `''` is an apostrophe, and `'{'` is a brace. */
  function quoted(plural) {
    if (text[at + 1] === "'") return text[++at];
    if (!"{}".includes(text[at + 1] ?? " ") && !(plural && text[at + 1] === "#")) return "'";
    let inside = "";
    for (at++; at < text.length; at++) {
      if (text[at] !== "'") inside += text[at];
      else if (text[at + 1] === "'") inside += text[++at];
      else return inside;
    }
    throw expected("an apostrophe");
  }

  /** Reads from a brace to the brace that closes it. */
  function argument() {
    at++;
    const name = take(/\s*(\w+)\s*/y, "the name of an argument");
    if (text[at] === "}") return { name };
    take(/(,)\s*plural\s*,\s*/y, "} or , plural,");
    const forms = {};
    while (text[at] !== "}") {
      const form = take(/(=\d+|\w+)\s*/y, "a form such as one or =0");
      if (Object.hasOwn(forms, form)) throw expected(`the form ${form} once`);
      take(/(\{)/y, "{");
      forms[form] = message(true);
      take(/(\})\s*/y, "}");
    }
    return { name, forms };
  }

  function take(pattern, what) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) throw expected(what);
    at = pattern.lastIndex;
    return found[1];
  }

  function expected(what) {
    return new Error(`expected ${what} at character ${at + 1} of ${JSON.stringify(text)}`);
  }
}

/**
 * The first mistake in the arguments and plurals of a parsed message, or null.
 * `allowed` lists the arguments that it may have, and `categories` the plural categories of the language.
 */
export function fault(parts, allowed, categories) {
  for (const { name, forms } of parts) {
    if (name === undefined) continue;
    if (!allowed.includes(name)) {
      const expected = allowed.length > 0 ? `only the arguments ${allowed.join(", ")}` : "no argument";
      return `expected ${expected}, found ${name}`;
    }
    if (forms === undefined) continue;
    if (!COUNTS.includes(name)) return `expected a plural of one of ${COUNTS.join(", ")}, found ${name}`;
    const missing = categories.find((category) => !Object.hasOwn(forms, category));
    if (missing) return `expected the plural form ${missing} of ${name}`;
    for (const [form, inner] of Object.entries(forms)) {
      if (!form.startsWith("=") && !categories.includes(form))
        return `expected one of the plural forms ${categories.join(", ")}, found ${form}`;
      const found = fault(inner, allowed, categories);
      if (found) return found;
    }
  }
  return null;
}

/** The sentence. `value` returns an argument, `count` writes a number, `category` returns its plural category. */
export function write(parts, { value, count, category }, number = null) {
  return parts
    .map((part) => {
      if (typeof part === "string") return part;
      if (part.number) return count(number);
      const given = value(part.name);
      if (part.forms)
        return write(part.forms[`=${given}`] ?? part.forms[category(given)], { value, count, category }, given);
      return typeof given === "number" ? count(given) : given;
    })
    .join("");
}

/** The arguments that are whole numbers of things; only these may choose a plural form. */
const COUNTS = ["limit", "used", "remaining", "add_tickets", "remove_tickets"];
