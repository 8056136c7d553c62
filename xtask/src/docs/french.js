// Appended to the index of the French book. mdBook takes accented letters off the ends of words, and
// knows English alone: here words are compared without accents, endings of the plural and elisions,
// and what is searched for likewise.
(() => {
  const words = (text) =>
    text
      .toLowerCase()
      .normalize('NFD')
      .replace(/[\u0300-\u036f]/g, '')
      .replace(/œ/g, 'oe')
      .replace(/æ/g, 'ae')
      .split(/[^\p{L}\p{N}_]+/u)
      .filter((word) => word !== '')
      .map((word) => (word.length > 3 ? word.replace(/[sx]$/, '') : word));
  elasticlunr.tokenizer = (text) => words(String(text ?? ''));
  // Finds the words to emphasise in a result.
  elasticlunr.stemmer = (word) => words(word).pop() ?? '';
  const found = window.search.index;
  const index = new elasticlunr.Index();
  index.setRef(found.ref);
  found.fields.forEach((field) => index.addField(field));
  Object.values(found.documentStore.docs).forEach((section) => index.addDoc(section));
  window.search.index = index.toJSON();
})();
