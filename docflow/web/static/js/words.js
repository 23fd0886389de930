// The number of words beside a text that may have only so many. docflow/regulations/krg/essay.py says what a word is.
const WORD = /[\p{L}\p{N}]+(?:['’\-\u2010\u2011][\p{L}\p{N}]+|(?<=\p{Nd})[.,](?=\p{Nd})[\p{L}\p{N}]+)*/gu;

export const wordCount = (text) => (text.normalize("NFC").match(WORD) || []).length;

export function countWords() {
  for (const field of document.querySelectorAll("textarea[data-words-least]")) {
    const { wordsLeast, wordsMost, wordsLabel } = field.dataset;
    const told = document.createElement("output");
    told.className = "hint tabular d-block";
    told.htmlFor = field.id;
    field.after(told);
    const tell = () => {
      const count = wordCount(field.value);
      const fits = count >= Number(wordsLeast) && count <= Number(wordsMost);
      told.textContent = wordsLabel.replace("{count}", count);
      told.classList.toggle("wrong", !fits);
    };
    field.addEventListener("input", tell);
    tell();
  }
}
