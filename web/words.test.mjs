import assert from "node:assert";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const words = JSON.parse(readFileSync(new URL("./src/words.json", import.meta.url)));

test("both languages say the same things and nothing is empty", () => {
  assert.deepStrictEqual(Object.keys(words.ja).sort(), Object.keys(words.en).sort());
  for (const language of ["ja", "en"]) {
    for (const [key, text] of Object.entries(words[language])) assert.ok(text.trim(), `${language} ${key}`);
  }
});
