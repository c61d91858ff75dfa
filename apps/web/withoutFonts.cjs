/** Drops the fonts a stylesheet carries inside it: the pages have their own, and a strict policy would refuse these. */
module.exports = (stylesheet) => stylesheet.replace(/@font-face\s*\{[^}]*\}/g, '');
