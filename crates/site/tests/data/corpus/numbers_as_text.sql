-- Numbers that were stored as texts, and texts as numbers.
-- refused
ALTER TABLE lettings_address RENAME COLUMN number TO former;
ALTER TABLE lettings_address ADD COLUMN number text;
ALTER TABLE lettings_letting RENAME COLUMN title TO former;
ALTER TABLE lettings_letting ADD COLUMN title integer;
