// @ts-check
// Valid HTML, by html-validate.
import { HtmlValidate } from 'html-validate';

const validator = new HtmlValidate({ root: true, extends: ['html-validate:standard'] });

/**
 * What is wrong in the source of a page.
 *
 * @param {string} source
 */
export async function mistakes(source) {
  const report = await validator.validateString(source);
  return report.results.flatMap(({ messages }) =>
    messages.map(({ line, column, message, ruleId }) => `${line}:${column} ${message} (${ruleId})`),
  );
}
