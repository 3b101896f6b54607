// Breaks sentences into lines, and spells names in the style of each language.

/** Breaks a text into lines of at most `width` characters; line breaks in the text stay. */
export function wrapped(text, width) {
  const lines = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const isFull = line !== "" && line.length + 1 + word.length > width;
      if (isFull) lines.push(line);
      line = isFull || line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

export const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const kebab = (name) => snake(name).replaceAll("_", "-");
