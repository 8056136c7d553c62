export const open = (title) => title.trim();
export const close = () => 4 / 2 / 1;
